using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Real launches from the JIT, in process: what a .NET host of containers does.</summary>
[TestFixture]
public sealed class SandboxLauncherTests : RealLaunches
{
    private static readonly SandboxRunOptions s_options = new();
    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    [TestCase("exit 125", 125)]
    [TestCase("exit 255", 255)]
    [TestCase("kill -9 $$", 137)]
    [TestCase("kill -15 $$", 143)]
    [TestCase("kill -11 $$", 139)]
    public void Run_EndsAsTheCommandEnds(string script, int status) =>
        Assert.That(Launcher.Run(Root.Script(script), s_options, default).Code, Is.EqualTo(status));

    [TestCase("[ $(id -u) = 0 ]", TestName = "Sandbox_CallerIsRootInside")]
    [TestCase("[ $$ = 2 ]", TestName = "Sandbox_CommandIsSecondProcessAfterInit")]
    [TestCase("[ \"$(cat /proc/sys/kernel/hostname)\" = test ]", TestName = "Sandbox_HasItsHostName")]
    [TestCase("grep -q 'CapEff:.*00000000a80425fb' /proc/self/status", TestName = "Sandbox_HasDockersCapabilities")]
    [TestCase("grep -q 'CapBnd:.*00000000a80425fb' /proc/self/status", TestName = "Sandbox_BoundsCapabilities")]
    [TestCase("grep -q 'CapInh:.*0000000000000000' /proc/self/status", TestName = "Cve_2022_29162_NothingIsInheritable")]
    [TestCase("grep -q 'NoNewPrivs:.*1' /proc/self/status", TestName = "Sandbox_SetsNoNewPrivs")]
    [TestCase("grep -q 'SigBlk:.*0000000000000000' /proc/self/status", TestName = "Sandbox_BlocksNoSignal")]
    [TestCase("[ -z \"$(cat /proc/1/environ 2>/dev/null)\" ]", TestName = "Sandbox_InitHidesItsEnvironment")]
    [TestCase("[ \"$(cat /proc/1/cmdline | busybox tr -d '\\0')\" = orca-init ]", TestName = "Sandbox_InitHidesItsCommandLine")]
    [TestCase("! readlink /proc/1/exe && ! readlink /proc/1/fd/0 && ! readlink /proc/1/cwd", TestName = "Cve_2019_5736_InitHidesItsExecutable")]
    [TestCase("[ \"$(echo /proc/self/fd/*)\" = '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3' ]", TestName = "Sandbox_HoldsOnlyTheStandardStreams")]
    [TestCase("[ $(umask) = 0022 ]", TestName = "Sandbox_HasUmask022")]
    [TestCase("echo > /dev/null && [ $(stat -c %a /dev) = 755 ]", TestName = "Sandbox_DevIsNotWorldWritable")]
    [TestCase("! echo x > /proc/sys/kernel/hostname", TestName = "Sandbox_ProcSysIsReadOnly")]
    [TestCase("[ -z \"$(cat /proc/timer_list)\" ] && [ -z \"$(ls -A /sys/firmware)\" ]", TestName = "Sandbox_MasksWhatTellsOfTheHost")]
    [TestCase("! busybox touch /sys/fs/cgroup/x", TestName = "Cve_2023_25809_CgroupsAreReadOnly")]
    [TestCase("! busybox mount -t tmpfs t /tmp", TestName = "Sandbox_CannotMount")]
    [TestCase("[ \"$(ls /dev | busybox tr '\\n' ' ')\" = 'core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ' ]", TestName = "Sandbox_DevHasExactlyTheseEntries")]
    public void Run_ScriptHolds(string script) =>
        Assert.That(Launcher.Run(Root.Script(script), s_options, default).Code, Is.Zero);

    [Test]
    public void Run_CommandIgnoresNoSignal() => // the .NET runtime ignores SIGPIPE; a shell would add its own
        Assert.That(Launcher.Run(Root.Command("grep", "-q", "SigIgn:.0000000000000000", "/proc/self/status"), s_options, default).Code, Is.Zero);

    [Test]
    public void Run_MissingCommand_Is127() =>
        Assert.That(() => Launcher.Run(Root.Command("nonesuch"), s_options, default),
            Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(127).And.Message.EqualTo("cannot start 'nonesuch': not found in PATH"));

    [Test]
    public void Run_DirectoryAsCommand_Is126() =>
        Assert.That(() => Launcher.Run(Root.Command("/etc"), s_options, default),
            Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(126).And.Message.Contains("EACCES"));

    [Test]
    public void Run_UserIsMapped_AndHasNoCapability() => Assert.That(
        Launcher.Run(Root.Script("[ $(id -u) = 1000 ] && grep -q 'CapEff:.*0000000000000000' /proc/self/status") with { Uid = 1000, Gid = 1000 }, s_options, default).Code,
        Is.Zero);

    [Test]
    public void Run_MountOverLink_StaysInsideTheRoot()
    {
        var outside = Directory.CreateTempSubdirectory("orca-victim-");
        try
        {
            var spec = Root.Script($"[ -d {outside.FullName}/sub ] && [ $(readlink /mnt) = {outside.FullName} ]");
            var upper = Path.Combine(Root.Store, spec.Root.Upper!);
            File.CreateSymbolicLink(Path.Combine(upper, "mnt"), outside.FullName);
            var source = Directory.CreateTempSubdirectory("orca-source-");
            spec = spec with { Mounts = [new BindMount(source.FullName, "/mnt/sub", ReadOnly: false)] };
            Assert.That(Launcher.Run(spec, s_options, default).Code, Is.Zero);
            Assert.That(outside.GetFileSystemInfos(), Is.Empty, "nothing may be made outside the root");
            source.Delete();
        }
        finally
        {
            outside.Delete(recursive: true);
        }
    }

    [TestCase("proc")]
    [TestCase("dev")]
    [TestCase("sys")]
    public void Cve_2019_19921_LinkInsteadOfMountPoint_IsRefused(string name)
    {
        var spec = Root.Script("true");
        File.CreateSymbolicLink(Path.Combine(Root.Store, spec.Root.Upper!, name), "/tmp");
        Assert.That(() => Launcher.Run(spec, s_options, default), Throws.TypeOf<SandboxException>().With.Message.Contains($"the image's '/{name}' is not a directory"));
    }

    [Test]
    public void Run_LinkInsteadOfResolvConf_IsCoveredNotFollowed()
    {
        var spec = Root.Script("[ \"$(cat /etc/resolv.conf)\" = generated ]") with { Files = [new GeneratedFile("/etc/resolv.conf", "generated\n")] };
        var etc = Directory.CreateDirectory(Path.Combine(Root.Store, spec.Root.Upper!, "etc"));
        File.CreateSymbolicLink(Path.Combine(etc.FullName, "resolv.conf"), "/etc/victim");
        Assert.That(Launcher.Run(spec, s_options, default).Code, Is.Zero);
    }

    [TestCase("file", "the image has something else where the directory '/etc' must be")]
    [TestCase("dangling link", "a symbolic link of the image on that path leads nowhere")]
    public void Run_EtcIsNoDirectory_IsRefusedWithTheReason(string etc, string hint)
    {
        var spec = Root.Script("true") with { Files = [new GeneratedFile("/etc/hosts", "generated\n")] };
        var path = Path.Combine(Root.Store, spec.Root.Upper!, "etc");
        if (etc == "file")
        {
            File.WriteAllText(path, string.Empty);
        }
        else
        {
            File.CreateSymbolicLink(path, "/no/such/place");
        }

        Assert.That(() => Launcher.Run(spec, s_options, default), Throws.TypeOf<SandboxException>().With.Property("Hint").EqualTo(hint));
    }

    [Test]
    public void Cve_2026_55686_WorkingDirectoryBelowADanglingLink_IsMadeInsideTheRoot()
    {
        var spec = Root.Script("[ $(readlink -f .) = /no/such/place/here ]") with { WorkingDirectory = "/work/here" };
        File.CreateSymbolicLink(Path.Combine(Root.Store, spec.Root.Upper!, "work"), "/no/such/place");
        Assert.That(Launcher.Run(spec, s_options, default).Code, Is.Zero);
        Assert.That(Directory.Exists("/no/such"), Is.False);
    }

    [Test]
    public void Cve_2019_5736_ProcSelfExe_WithoutInit_RunsNothingOfOrcas() =>
        Assert.That(Launcher.Run(Root.Command("/proc/self/exe", "version") with { Init = false }, s_options, default).Code, Is.EqualTo(126));

    [Test]
    public void Run_ReadOnlyMount_CannotBeWritten()
    {
        var source = Directory.CreateTempSubdirectory("orca-source-");
        try
        {
            var spec = Root.Script("echo x > /mnt/rw/file && ! echo x > /mnt/ro/other && [ -f /mnt/ro/file ]") with
            {
                Mounts = [new BindMount(source.FullName, "/mnt/rw", ReadOnly: false), new BindMount(source.FullName, "/mnt/ro", ReadOnly: true)],
            };
            Assert.That(Launcher.Run(spec, s_options, default).Code, Is.Zero);
            Assert.That(source.GetFiles().Select(file => file.Name), Is.EqualTo(new[] { "file" }));
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    [TestCase("/proc/self/fd/3")]
    [TestCase("/proc/self/fd/5")]
    [TestCase("/proc/self/fd/4")]
    [TestCase("/proc/self/fd/6")]
    public void Cve_2024_21626_WorkingDirectoryOutsideTheRoot_IsRefused(string directory) =>
        Assert.That(() => Launcher.Run(Root.Script("true") with { WorkingDirectory = directory }, s_options, default), Throws.TypeOf<SandboxException>());

    [TestCase("/proc/1/cwd")]
    [TestCase("/proc/self/cwd")]
    [TestCase("/proc/1/root")]
    public void Cve_2024_21626_WorkingDirectoryOfTheFirstProcess_IsInsideTheRoot(string directory) =>
        Assert.That(Launcher.Run(Root.Script("[ \"$(busybox pwd -P)\" = / ] && [ -f bin/busybox ]") with { WorkingDirectory = directory }, s_options, default).Code, Is.Zero);

    [Test]
    public void Run_Cancelled_KillsTheContainer()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.That(() => Launcher.Run(Root.Command("sleep", "600"), s_options, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    [CancelAfter(300_000)]
    [Category("Sweep")]
    public void Launch_ManyTimesWhileFourThreadsAllocate_NeverHangsOrFails(CancellationToken cancellationToken)
    {
        const int allocators = 4;
        var launches = Sampling.Rounds(2000);
        using var done = new CancellationTokenSource();
        var threads = Enumerable.Range(0, allocators).Select(_ => new Thread(() => AllocateUntil(done.Token))).ToList();
        threads.ForEach(thread => thread.Start());
        try
        {
            var spec = Root.Command("true");
            var descriptors = 0;
            for (var i = 0; i < launches; i++)
            {
                // Each run needs a fresh work directory, for a volatile overlay is used once.
                var run = spec with { Root = spec.Root with { Volatile = false } };
                Assert.That(Launcher.Run(run, s_options, cancellationToken).Code, Is.Zero, $"launch {i}");
                var open = Directory.GetFileSystemEntries("/proc/self/fd").Length;
                descriptors = i == 10 ? open : descriptors;
                Assert.That(i > 10 ? open : descriptors, Is.LessThanOrEqualTo(descriptors + 8), "descriptors leak");
            }
        }
        finally
        {
            done.Cancel();
            threads.ForEach(thread => thread.Join());
        }
    }

    [Test]
    public void Launch_FromManyThreadsAtOnce_EndsEachAsItShould() => Parallel.For(0, 64, i =>
    {
        var code = i % 200;
        Assert.That(Launcher.Run(Root.Script($"exit {code}"), s_options, default).Code, Is.EqualTo(code));
    });

    private static void AllocateUntil(CancellationToken done)
    {
        var keep = new object[1000];
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            keep[i % keep.Length] = new byte[1000 + (i % 5000)];
        }
    }
}
