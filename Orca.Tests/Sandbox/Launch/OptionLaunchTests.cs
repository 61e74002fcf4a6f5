using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Launch;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>What options change in a sandbox, seen from inside.</summary>
[TestFixture]
public sealed class OptionLaunchTests : RealLaunches
{
    [Test]
    public void ReadOnly_RootCannotBeWritten_ButDevAndMemoryCan() => Holds(
        "! echo x > /file && ! echo x > /etc/hosts && ! busybox mkdir /etc/d && echo x > /dev/shm/f && echo x > /run/deep/f && [ -d /made/for/it ]",
        spec => spec with
        {
            ReadOnly = true,
            Files = [new GeneratedFile("/etc/hosts", "x\n")],
            TemporaryMounts = [new TemporaryMount("/run/deep")],
            WorkingDirectory = "/made/for/it",
        });

    [Test]
    public void Umask_IsTheCommands() => Holds("[ $(umask) = 0027 ] && touch /f && [ $(stat -c %a /f) = 640 ]", static spec => Asking(spec, new RunOptions { Process = new() { Umask = 0x17 /* 0027 */ } }));

    [Test]
    public void OomScore_IsRaised() => Holds("[ $(cat /proc/self/oom_score_adj) = 777 ]", static spec => Asking(spec, new RunOptions { Limits = new() { OomScore = 777 } }));

    [Test]
    public void OomScore_ThatTheCallerMayNotHave_IsNotAnError() => Holds("true", static spec => Asking(spec, new RunOptions { Limits = new() { OomScore = -1000 } }));

    [Test]
    public void Processors_AreTheCommands() => Holds("grep -qx 'Cpus_allowed_list:.0' /proc/self/status", static spec => Asking(spec, new RunOptions { Limits = new() { Processors = "0" } }));

    [Test]
    public void NoSharedMemory_HasNoDirectoryForIt() => Holds(
        "! ls /dev/shm && ! grep ' /dev/shm ' /proc/mounts && [ -z \"$(ls /sys/firmware)\" ]", static spec => Asking(spec, new RunOptions { Network = new() { NoSharedMemory = true } }));

    [Test]
    public void KernelParameters_OfTheOwnNetwork_AreSetAndThenReadOnly() => Holds(
        "[ $(cat /proc/sys/net/ipv4/ip_default_ttl) = 77 ] && ! echo 78 > /proc/sys/net/ipv4/ip_default_ttl",
        static spec => Asking(spec, new RunOptions { Limits = new() { KernelParameters = ["net.ipv4.ip_default_ttl=77"] } }) with { Network = NamespaceMode.Own });

    [Test]
    public void ReadOnly_CannotBeUndone() => Holds("! busybox mount -o remount,rw / && ! busybox mount -o remount,bind,rw / && ! echo x > /file", spec => spec with { ReadOnly = true });

    [Test]
    public void TemporaryMount_HasItsSizeModeAndFlags() => Holds(
        "[ $(stat -c %a /t) = 700 ] && ! busybox dd if=/dev/zero of=/t/f bs=1M count=2 && grep -q ' /t tmpfs .*nosuid,nodev,noexec.*size=1024k' /proc/mounts && grep -q ' /x tmpfs rw,nosuid,nodev,relatime' /proc/mounts",
        spec => spec with { TemporaryMounts = [TemporaryMount.Parse("/t:size=1m,mode=700"), TemporaryMount.Parse("/x:exec")] });

    [Test]
    public void TemporaryMount_OfAnIdThatIsNotInside_IsRefused() => Assert.That(
        () => Launcher.Run(Root.Script("true") with { TemporaryMounts = [TemporaryMount.Parse("/t:uid=77")] }, new SandboxRunOptions(), default),
        Throws.TypeOf<SandboxException>().With.Message.Contains("tmpfs").And.Message.Contains("EINVAL"));

    [Test]
    public void TemporaryMount_ThroughALinkOfTheImage_StaysInside()
    {
        var outside = Directory.CreateTempSubdirectory("orca-victim-");
        try
        {
            Holds("[ -z \"$(ls /tmp/aim)\" ] && grep -q ' /tmp/aim tmpfs' /proc/mounts", spec =>
            {
                var upper = Path.Combine(Root.Store, spec.Root.Upper!);
                Directory.CreateDirectory(Path.Combine(upper, "tmp/aim"));
                File.CreateSymbolicLink(Path.Combine(upper, "link"), "../../../../tmp/aim");
                return spec with { TemporaryMounts = [new TemporaryMount("/link")] };
            });
            Assert.That(outside.GetFileSystemInfos(), Is.Empty);
        }
        finally
        {
            outside.Delete(recursive: true);
        }
    }

    [Test]
    public void SharedMemory_HasItsSize() =>
        Holds("grep -q ' /dev/shm tmpfs .*size=2048k' /proc/mounts", spec => spec with { Requested = new() { Limits = new() { SharedMemory = 2 << 20 } } });

    [Test]
    public void ResourceLimits_AreTheCommands_AndOnlyThose() => Holds(
        "[ $(ulimit -Sn) = 64 ] && [ $(ulimit -Hn) = 128 ] && [ $(ulimit -c) = 0 ]",
        spec => spec with { Requested = new() { Limits = new() { Resources = [ResourceLimit.Parse("nofile=64:128"), ResourceLimit.Parse("core=0")] } } });

    [Test]
    public void ResourceLimit_AboveTheCallers_IsRefused() => Assert.That( // even root's are limited: nobody may open more files than fs.nr_open
        () => Launcher.Run(Root.Script("true") with { Requested = new() { Limits = new() { Resources = [new ResourceLimit(ProcessResource.Nofile, 1, long.MaxValue)] } } }, new SandboxRunOptions(), default),
        Throws.TypeOf<SandboxException>().With.Message.Contains("EPERM").And.Property("Hint").Contains("hard limit"));

    [Test]
    public void Network_OfItsOwn_HasLoopbackAndNothingElse() => Holds(
        // A connection that is refused has arrived; ping(8) would need a raw socket.
        "[ -d /sys/class/net/lo ] && busybox ip addr show lo | grep -q 'inet 127.0.0.1/8' && busybox ip addr show lo | grep -q 'inet6 ::1/128'"
        + " && busybox nc 127.0.0.1 9 2>&1 | grep -q refused && busybox nc ::1 9 2>&1 | grep -q refused"
        + " && ! busybox ip -o link | grep -v LOOPBACK | grep -q '[<,]UP' && ! busybox ip route get 192.0.2.1 && [ $(busybox wc -l < /proc/net/route) = 1 ]",
        spec => spec with { Network = NamespaceMode.Own });

    [Test]
    public void Network_OfItsOwn_HasAReadOnlySysfs_WithMasksAndGroups() => Holds(
        "grep -q '^sysfs /sys sysfs ro,nosuid,nodev,noexec' /proc/mounts && ! echo x > /sys/kernel/x && [ -z \"$(ls -A /sys/firmware)\" ] && ! busybox mkdir /sys/fs/cgroup/x",
        spec => spec with { Network = NamespaceMode.Own });

    [Test]
    public void Group_IsEntered_IsAllThatIsSeen_AndGoesWithTheContainer()
    {
        if (!Environment.IsPrivilegedProcess || ControlGroupProbe.Hierarchy() is not { } hierarchy || ControlGroupProbe.Own() is not { } own)
        {
            Assert.Ignore("needs root and a hierarchy of control groups of version 2");
            return;
        }

        Holds("busybox grep -qx 0::/ /proc/self/cgroup", spec => spec with { Limits = new GroupLimits() });
        Assert.That(Directory.EnumerateDirectories(hierarchy + own.TrimEnd('/'), "orca-*"), Is.Empty);
    }

    [Test]
    public void Uts_OfTheHost_KeepsItsName() =>
        Holds($"[ \"$(cat /proc/sys/kernel/hostname)\" = {Environment.MachineName} ]", spec => spec with { Uts = NamespaceMode.Host });

    [Test]
    public void Ipc_OfTheHost_SharesItsMemory()
    {
        var name = $"orca-test-{Guid.NewGuid():N}";
        File.WriteAllText("/dev/shm/" + name, "shared");
        try
        {
            Holds($"[ $(cat /dev/shm/{name}) = shared ]", spec => spec with { Ipc = NamespaceMode.Host });
            Holds($"[ ! -e /dev/shm/{name} ]", spec => spec);
        }
        finally
        {
            File.Delete("/dev/shm/" + name);
        }
    }

    [Test]
    public void RootFiles_TakeThePlaceOfWhatIsThere_AndFollowNoLink() => Holds(
        "[ $(readlink /etc/localtime) = /zones/X ] && [ $(cat /etc/timezone) = X ] && [ $(cat /etc/aim) = aim ]",
        spec =>
        {
            var etc = Directory.CreateDirectory(Path.Combine(Root.Store, spec.Root.Upper!, "etc")).FullName;
            File.WriteAllText(Path.Combine(etc, "aim"), "aim");
            File.WriteAllText(Path.Combine(etc, "localtime"), "old");
            File.CreateSymbolicLink(Path.Combine(etc, "timezone"), "aim");
            return spec with { RootFiles = [new RootFile("/etc/localtime", "/zones/X", default), new RootFile("/etc/timezone", null, "X\n"u8.ToArray())] };
        });

    [Test]
    public void ResolverDirectory_ShowsWhatWasRenamedMeanwhile_AndCannotBeWritten()
    {
        var directory = Directory.CreateTempSubdirectory("orca-resolver-").FullName;
        var shared = Directory.CreateTempSubdirectory("orca-source-").FullName;
        try
        {
            File.WriteAllText(directory + "/file", "old");
            var renaming = Task.Run(() =>
            {
                SpinWait.SpinUntil(() => File.Exists(shared + "/started"), TimeSpan.FromSeconds(60));
                File.WriteAllText(directory + "/new", "new");
                File.Move(directory + "/new", directory + "/file", overwrite: true);
            });
            Holds(
                "[ \"$(cat /etc/resolv.conf)\" = old ] && ! echo x > /etc/resolv.conf && echo > /shared/started && i=0"
                + " && while [ \"$(cat /etc/resolv.conf)\" != new ]; do busybox usleep 20000; i=$((i+1)); [ $i -lt 3000 ] || exit 1; done",
                spec => spec with
                {
                    ResolverDirectory = directory,
                    RootFiles = [new RootFile("/etc/resolv.conf", SandboxSpec.ResolverMount + "/file", default)],
                    Mounts = [new BindMount(shared, "/shared", ReadOnly: false)],
                });
            renaming.Wait();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
            Directory.Delete(shared, recursive: true);
        }
    }

    [Test]
    public void Device_OfTheHost_IsThere() => Holds(
        "[ $(stat -c %t:%T /dev/mine) = 1:5 ] && busybox head -c 1 /dev/mine > /dev/null", spec => spec with { Mounts = [new BindMount("/dev/zero", "/dev/mine", false)] });

    private void Holds(string script, Func<SandboxSpec, SandboxSpec> change) =>
        Assert.That(Launcher.Run(change(Root.Script(script)), new SandboxRunOptions(), default).Code, Is.Zero, script);

    private static SandboxSpec Asking(SandboxSpec spec, RunOptions options) => spec with { Requested = options };
}
