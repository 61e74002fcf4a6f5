using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>What a hostile command tries once it runs: rows S13 to S28 of docs/hostile-inputs.md.</summary>
[TestFixture]
public sealed class EscapeTests : RealLaunches
{
    [TestCase("! busybox umount /proc/kcore && ! busybox umount -l /proc/timer_list && [ -z \"$(cat /proc/timer_list)\" ]", TestName = "S17_MasksCannotBeTakenOff")]
    [TestCase("! busybox mount -o remount,rw /proc/sys && ! busybox mount -t proc p /tmp && ! busybox mount -t sysfs s /tmp && ! busybox mount -o bind / /tmp", TestName = "S17_NothingCanBeMounted")]
    [TestCase("! busybox unshare -m true && ! busybox unshare -n true && ! busybox unshare -U true && ! busybox nsenter -t 1 -m true", TestName = "S17_NoNamespaceIsMadeOrEntered")]
    [TestCase("! busybox chroot /proc/1/root true && ! ls /proc/1/root/ 2>/dev/null && ! busybox pivot_root /tmp /tmp", TestName = "S17_RootOfTheFirstProcessIsClosed")]
    [TestCase("[ ! -e /.orca-outside ] && cd / && cd ../../../../.. && [ -x bin/busybox ] && [ $(busybox pwd) = / ]", TestName = "S18_DotDotEndsAtTheRoot")]
    [TestCase("busybox mkdir /jail && cd / && busybox chroot /jail /x 2>/dev/null; cd ../../../..; [ -x bin/busybox ]", TestName = "S18_ChrootLeadsNowhere")]
    [TestCase("kill -9 -1; [ $$ = 2 ]", TestName = "S19_KillingEverybody_KillsOnlyInside")]
    [TestCase("for p in /proc/[0-9]*; do [ ${p#/proc/} -lt 64 ] || exit 1; done", TestName = "S19_OnlyItsOwnProcessesAreSeen")]
    [TestCase("! echo b > /proc/sysrq-trigger && ! echo x > /proc/sys/kernel/core_pattern && ! echo 1 > /proc/irq/default_smp_affinity", TestName = "S13_KernelSettingsAreReadOnly")]
    [TestCase("! echo x > /sys/kernel/mm/ksm/run && ! echo mem > /sys/power/state && ! busybox mkdir /sys/fs/cgroup/x && ! busybox mkdir /sys/fs/cgroup/unified/x", TestName = "S16_SysIsReadOnly")]
    [TestCase("busybox mknod /dev/x b 8 0; busybox mknod /tmp/x c 1 1; [ -f /dev/x ] && [ -f /tmp/x ] && ! [ -s /tmp/x ]", TestName = "S15_NoDeviceCanBeMade")] // root of one id is told that it was
    [TestCase("echo x > /dev/null && [ \"$(busybox head -c 2 /dev/zero | busybox od -An -tx1)\" = ' 00 00' ] && (echo x > /dev/tty) 2>&1 | grep -q 'No such device or address'", TestName = "S15_DevicesWork_AndThereIsNoTerminal")]
    [TestCase("[ $(umask) = 0022 ] && echo x > /tmp/new && [ $(stat -c %a /tmp/new) = 644 ]", TestName = "S28_UmaskIs022")]
    [TestCase("! busybox grep -q shared: /proc/self/mountinfo && [ $(busybox grep -c ' / / ' /proc/self/mountinfo) -le 1 ]", TestName = "S14_NoMountIsSharedWithTheHost")]
    [TestCase("! busybox dd if=/dev/zero of=/dev/shm/f bs=1M count=65 2>/dev/null && ! busybox dd if=/dev/zero of=/dev/f bs=1M count=65 2>/dev/null", TestName = "S43_MemoryOfDevIsLimited")]
    public void Holds(string script) => Assert.That(Launcher.Run(Root.Script(script), new SandboxRunOptions(), default).Code, Is.Zero);

    [TestCase("/proc/self/cwd")]
    [TestCase("/proc/1/cwd")]
    [TestCase("/proc/self/root")]
    [TestCase("/dev/fd/5")]
    [TestCase("/proc/self/fd/7")]
    [TestCase("/proc/self/fd/64")]
    public void Cve_2024_21626_WorkingDirectoryThroughProc_IsRefusedOrInside(string directory)
    {
        try
        {
            Assert.That(Launcher.Run(Root.Script("[ -x bin/busybox ] || [ \"$(busybox pwd)\" != / ]") with { WorkingDirectory = directory }, new SandboxRunOptions(), default).Code, Is.Zero);
        }
        catch (SandboxException)
        {
            // refused
        }
    }

    [Test]
    public void Cve_2026_55686_WorkingDirectoryThroughALink_IsMadeInsideTheRoot()
    {
        var victim = Directory.CreateTempSubdirectory("orca-victim-");
        try
        {
            var spec = Root.Script("[ \"$(busybox pwd)\" = /tmp/new ]") with { WorkingDirectory = "/link/new" };
            var upper = Directory.CreateDirectory(Path.Combine(Root.Store, spec.Root.Upper!, "tmp")).Parent!.FullName;
            File.CreateSymbolicLink(Path.Combine(upper, "link"), "../../../../../../tmp");
            Assert.That(Launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.Zero);
            Assert.That(victim.GetFileSystemInfos(), Is.Empty);
        }
        finally
        {
            victim.Delete();
        }
    }

    [TestCase(5000, Description = "C20: longer than any path")]
    public void WorkingDirectory_ThatCannotBe_IsRefused(int length) =>
        Assert.That(() => Launcher.Run(Root.Script("true") with { WorkingDirectory = "/" + new string('a', length) }, new SandboxRunOptions(), default), Throws.TypeOf<SandboxException>());

    [Test]
    public void WorkingDirectory_ThatIsAFile_IsRefusedWithAHint() => Assert.That( // C20
        () => Launcher.Run(Root.Script("true") with { WorkingDirectory = "/bin/busybox" }, new SandboxRunOptions(), default),
        Throws.TypeOf<SandboxException>().With.Property("Hint").Contains("-w"));

    [Test]
    public void Cve_2026_31431_SharedImage_IsNeverWritten() // S46
    {
        var tree = Path.Combine(Root.Store, "rootfs");
        var (before, program) = (TreeListing.ReadExactly(tree), File.ReadAllBytes(tree + "/bin/busybox"));
        Parallel.For(0, 2, _ => Launcher.Run(
            Root.Script("echo x >> /bin/busybox; busybox touch -d @1 /bin/sh; busybox chmod 777 /tmp /bin/busybox; busybox mv /bin/true /true; busybox rm -rf /etc /bin; true"),
            new SandboxRunOptions(), default));
        Assert.That(TreeListing.ReadExactly(tree), Is.EqualTo(before));
        Assert.That(File.ReadAllBytes(tree + "/bin/busybox"), Is.EqualTo(program));
    }

    [Test]
    public void SetUidFileOfAMount_BelongsToTheCaller() // S47
    {
        var source = Directory.CreateTempSubdirectory("orca-source-");
        try
        {
            var spec = Root.Script("busybox cp /bin/busybox /mnt/b && busybox chmod 4755 /mnt/b && echo x > /mnt/plain && [ $(stat -c %a /mnt/plain) = 644 ]") with { Mounts = [new BindMount(source.FullName, "/mnt", ReadOnly: false)] };
            Assert.That(Launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.Zero);
            using var status = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%u", source.FullName + "/b", source.FullName + "/plain"]) { RedirectStandardOutput = true })!;
            var caller = Orca.Core.Linux.CurrentUser.Uid;
            Assert.That(status.StandardOutput.ReadToEnd().Trim(), Is.EqualTo($"{caller}\n{caller}"));
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    [TestCase(NamespaceMode.Host, true)]
    [TestCase(NamespaceMode.Own, false)]
    public void Cve_2020_15257_AbstractSocketsOfTheHost_AreReachableOnItsNetworkOnly(NamespaceMode network, bool reachable) // S40
    {
        var name = $"orca-test-{Guid.NewGuid():N}";
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint("\0" + name));
        socket.Listen();
        var script = $"{(reachable ? string.Empty : "! ")}busybox grep -q @{name} /proc/net/unix";
        Assert.That(Launcher.Run(Root.Script(script) with { Network = network }, new SandboxRunOptions(), default).Code, Is.Zero);
    }

    [TestCase("/bin/busybox")]
    [TestCase("bad\0name")]
    public void Cve_2024_32462_ArgumentsThatLookLikeOptions_AreArguments(string name) // I01, C04
    {
        var spec = Root.Command("echo", "--bind", "/", name);
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            Assert.That(() => Launcher.Run(spec, new SandboxRunOptions(), default), Throws.TypeOf<SandboxException>().With.Message.Contains("NUL"));
        }
        else
        {
            Assert.That(Launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.Zero);
        }
    }

    [Test]
    public void ArgumentsThatAreTooLong_Are126() => Assert.That( // C02
        () => Launcher.Run(Root.Command("echo", new string('a', 3 << 20)), new SandboxRunOptions(), default),
        Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(126).And.Message.Contains("E2BIG"));

    [TestCase("/proc/self/exe")]
    [TestCase("/script")]
    public void Cve_2019_5736_ProgramThatIsProcSelfExe_IsNeverOrca(string command) // S24
    {
        var spec = Root.Command(command);
        var script = Path.Combine(Root.Store, spec.Root.Upper!, "script");
        File.WriteAllText(script, "#!/proc/self/exe\n");
        File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        var host = Environment.ProcessPath!;
        var before = File.GetLastWriteTimeUtc(host);
        Assert.That(Launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.EqualTo(126), "it is the init, which does nothing for others, and says so");
        Assert.That(File.GetLastWriteTimeUtc(host), Is.EqualTo(before));
    }

    [TestCase("/empty", 126, "")]
    [TestCase("/plain", 126, "")]
    [TestCase("/loop", 126, "ELOOP")]
    [TestCase("/no-interpreter", 127, "ENOENT")]
    public void CommandThatCannotRun_SaysWhy(string command, int status, string cause) // C03
    {
        var spec = Root.Command(command);
        var upper = Path.Combine(Root.Store, spec.Root.Upper!);
        File.WriteAllText(upper + "/empty", string.Empty);
        File.WriteAllText(upper + "/plain", "echo hi\n");
        File.WriteAllText(upper + "/no-interpreter", "#!/no/such/program\n");
        File.CreateSymbolicLink(upper + "/loop", "loop");
        File.SetUnixFileMode(upper + "/empty", (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(upper + "/no-interpreter", (UnixFileMode)0b111_101_101);
        Assert.That(
            () => Launcher.Run(spec, new SandboxRunOptions(), default),
            Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(status).And.Message.Contains(cause));
    }
}
