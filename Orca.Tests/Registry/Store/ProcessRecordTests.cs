using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

/// <summary>A kept container remembers how its command is started and ended.</summary>
public sealed class ProcessRecordTests
{
    [Test]
    public void Options_ReadBackAsTheyWereWritten()
    {
        var options = new RunOptions { Pid = NamespaceMode.Host, Init = false, StopSignal = Signal.Parse("RTMIN+3"), Timeout = TimeSpan.FromSeconds(90), HttpProxy = false };
        var read = ReadBack(options);
        Assert.That((read.Pid, read.Init, read.StopSignal, read.Timeout, read.HttpProxy), Is.EqualTo((options.Pid, options.Init, options.StopSignal, options.Timeout, options.HttpProxy)));
    }

    [Test]
    public void LaterRun_MaySayOtherwise()
    {
        var first = new RunOptions { Pid = NamespaceMode.Host, Init = false, StopSignal = Signal.Kill, Timeout = TimeSpan.FromSeconds(90) };
        var merged = first.OverriddenBy(new RunOptions { Pid = NamespaceMode.Own, Init = true, StopSignal = Signal.Term, Timeout = TimeSpan.Zero });
        Assert.That((merged.Pid, merged.Init, merged.StopSignal, merged.Timeout), Is.EqualTo(((NamespaceMode?)NamespaceMode.Own, (bool?)true, (Signal?)Signal.Term, (TimeSpan?)TimeSpan.Zero)));
        Assert.That(first.OverriddenBy(new RunOptions()).Timeout, Is.EqualTo(TimeSpan.FromSeconds(90)));
    }

    [TestCase("0")]
    [TestCase("65")]
    public void Signal_ThatIsNone_MakesTheRecordUnreadable(string number)
    {
        var json = System.Text.Encoding.UTF8.GetString(ContainerRecordWriter.Write(Record(new RunOptions { StopSignal = Signal.Term }), isKept: true));
        Assert.That(json, Does.Contain("\"stopSignal\":15"));
        Assert.That(ContainerRecordReader.Read(System.Text.Encoding.UTF8.GetBytes(json.Replace(":15", ":" + number, StringComparison.Ordinal))), Is.Null);
    }

    private static RunOptions ReadBack(RunOptions options) => ContainerRecordReader.Read(ContainerRecordWriter.Write(Record(options), isKept: true))!.Value.Record.Options;

    private static ContainerRecord Record(RunOptions options) => new()
    {
        Name = "work",
        Image = ImageReference.Parse("alpine"),
        ImageDigest = Digest.Parse("sha256:" + new string('a', 64)),
        Created = DateTimeOffset.UnixEpoch,
        Options = options,
    };
}
