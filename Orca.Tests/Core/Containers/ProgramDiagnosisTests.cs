using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Core.Containers;

/// <summary>Which file of a container is looked at after a failure: the one that the kernel was asked to execute.</summary>
public sealed class ProgramDiagnosisTests
{
    private static readonly byte[] s_foreign = new ElfBuilder(243).Build();

    [TestCase("tool", "/opt/tool")]
    [TestCase("./tool", "/work/tool")]
    [TestCase("/work/../tool", "/tool")]
    public void Command_IsLookedForAsTheKernelWasAsked(string command, string path) =>
        Assert.That(Explain(command, files => files[path] = s_foreign)?.Message, Is.EqualTo($"cannot start '{command}': ENOEXEC (not an executable format of this machine): '{path}' is a program for linux/riscv64, and this kernel runs {Runs()}"));

    [Test]
    public void FirstOfThePathThatIsThere_IsTheOne() =>
        Assert.That(Explain("tool", files => (files["/bin/tool"], files["/opt/tool"]) = (s_foreign, "echo\n"u8.ToArray()))?.Message, Does.EndWith("'/opt/tool' is a script without a '#!' line"));

    [Test]
    public void CommandThatAMountCovers_IsLookedForInTheMount()
    {
        var directory = Directory.CreateTempSubdirectory("orca-program");
        File.WriteAllBytes(Path.Combine(directory.FullName, "tool"), s_foreign);
        File.CreateSymbolicLink(Path.Combine(directory.FullName, "link"), "/etc/passwd");
        BindMount[] mounts = [new(directory.FullName, "/opt", true)];
        Assert.That(Explain("/opt/tool", static files => files["/opt/tool"] = [], mounts)?.Message, Does.Contain("'/opt/tool' is a program for linux/riscv64"));
        Assert.That(Explain("/opt/link", static _ => { }, mounts), Is.Null, "a link is not followed out of the mount");
        directory.Delete(recursive: true);
    }

    [Test]
    public void WhatIsNotKnown_IsNotExplained()
    {
        Assert.That(Explain("/proc/self/exe", static files => files["/proc/self/exe"] = s_foreign), Is.Null);
        Assert.That(Explain("/none", static _ => { }), Is.Null);
        Assert.That(Explain("/tool", static files => files["/tool"] = s_foreign, errno: Errno.EACCES), Is.Null);
    }

    [TestCase(134, "SIGABRT")]
    [TestCase(135, "SIGBUS")]
    [TestCase(139, "SIGSEGV")]
    public void Death_OnLargePages_IsNoted_AndOnSmallOnesNot(int status, string signal)
    {
        Assert.That(Notes(status, 16 << 10), Has.One.StartsWith($"the command died of {signal}: this kernel has pages of 16 KB, and programs that were built for 4 KB alone may end so; use another tag"));
        Assert.That(Notes(status, 4 << 10), Is.Empty);
        Assert.That(Notes(status - 128, 16 << 10), Is.Empty, "it exited");
        Assert.That(Notes(137, 16 << 10), Is.Empty, "it was killed");
    }

    private static List<string> Notes(int status, int page)
    {
        var notes = new List<string>();
        With("/tool", static _ => { }, [], (container, spec) => new ProgramDiagnosis(container, spec, notes.Add, Orca.Core.Programs.ProgramMachine.Current with { PageSize = page }).NoteEnd(new ExitStatus(status)));
        return notes;
    }

    private static string Runs() => string.Join(" and ", Orca.Core.Programs.KernelPrograms.Runs.Prepend(Orca.Core.References.Platform.Current).Select(static platform => $"{platform.Os}/{platform.Architecture}"));

    private static SandboxException? Explain(string command, Action<Dictionary<string, byte[]>> write, BindMount[]? mounts = null, Errno errno = Errno.ENOEXEC)
    {
        SandboxException? explained = null;
        With(command, write, mounts ?? [], (container, spec) =>
        {
            var refusal = new SandboxException("refused") { CommandRefused = errno, ExitCode = 126 };
            try
            {
                new ProgramDiagnosis(container, spec, null).Watch(() => throw refusal);
            }
            catch (SandboxException failure)
            {
                explained = failure == refusal ? null : failure;
            }
        });
        return explained;
    }

    private static void With(string command, Action<Dictionary<string, byte[]>> write, BindMount[] mounts, Action<IContainer, SandboxSpec> act)
    {
        var store = new MemoryContainerStore(new MemoryImageStore());
        write(store.Files);
        var name = Orca.Core.References.ImageReference.Parse("example.com/one:1");
        var image = new Orca.Core.Images.StoredImage { Digest = TestImage.DigestOf([]), Config = TestImage.Small().Content.Config, Rootfs = "images/x/rootfs", References = [name] };
        using var container = store.CreateEphemeral(image, new ContainerRecord { Name = "run-1", Image = name, ImageDigest = image.Digest, Created = default, Options = new RunOptions() });
        act(container, new SandboxSpec
        {
            Root = container.Root,
            Arguments = [command],
            Env = ["PATH=/opt:/bin"],
            WorkingDirectory = "/work",
            Hostname = "h",
            Mounts = mounts,
            Places = mounts.ToDictionary(static mount => mount.Destination, static mount => mount.Destination),
        });
    }
}
