using System.Diagnostics;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Sandbox.Launch;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>The loop beside a container (Child/keep.c), with pipes and a process that stand for one.</summary>
[TestFixture]
public sealed unsafe class KeepTests
{
    private readonly List<IDisposable> _open = [];
    private Process _process = null!;
    private Keep* _keep;
    private Fd _report = null!;

    [SetUp]
    public void Start()
    {
        _process = Process.Start("sleep", "60");
        var container = Kernel.TryOpenProcess(_process.Id)!;
        var (report, toReport) = Kernel.OpenPipe();
        _open.AddRange([container, report, toReport]);
        _report = toReport;
        _keep = (Keep*)NativeMemory.AllocZeroed((nuint)sizeof(Keep));
        (_keep->Process, _keep->Report) = (container.Number, report.Number);
        _keep->Turns = _keep->Signals = _keep->Input = _keep->InputTo = _keep->Output.From = _keep->Error.From = -1;
    }

    [TearDown]
    public void End()
    {
        _process.Kill();
        _process.Dispose();
        _open.ForEach(static one => one.Dispose());
        _open.Clear();
        NativeMemory.Free(_keep);
    }

    [Test]
    public void Bytes_GoOut_InTheirOrder()
    {
        var (output, container) = Pipe();
        var (reader, target) = Pipe();
        (_keep->Output.From, _keep->Output.To) = (Taken(output), target.Number);
        FileSystem.Write(container, "some text"u8);
        FileSystem.Write(_report, "x"u8);
        Assert.That(ChildLibrary.Keep(_keep, -1), Is.EqualTo(Kept.Report));
        var bytes = new byte[100];
        Assert.That(bytes[..FileSystem.Read(reader, bytes)], Is.EqualTo("some text"u8.ToArray()));
    }

    /// <summary>As without orca between them: the first write finds the reader gone, not the second.</summary>
    [Test]
    public void Reader_ThatIsGone_IsHeardOf_BeforeAnythingIsWritten()
    {
        var (output, container) = Pipe();
        var (reader, target) = Pipe();
        (_keep->Output.From, _keep->Output.To) = (Taken(output), target.Number);
        reader.Dispose();
        FileSystem.Write(_report, "x"u8);
        Assert.That(ChildLibrary.Keep(_keep, -1), Is.EqualTo(Kept.Report));
        Assert.That(_keep->Output.From, Is.EqualTo(-1));
        Assert.That(() => FileSystem.Write(container, "text"u8), Throws.TypeOf<LinuxException>());
    }

    private (Fd Reader, Fd Writer) Pipe()
    {
        var (reader, writer) = Kernel.OpenPipe();
        _open.AddRange([reader, writer]);
        return (reader, writer);
    }

    /// <summary>The loop closes it.</summary>
    private static int Taken(Fd fd)
    {
        var number = fd.Number;
        fd.SetHandleAsInvalid();
        return number;
    }
}
