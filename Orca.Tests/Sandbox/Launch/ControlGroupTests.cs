using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Diagnosis;
using Orca.Sandbox.Launch;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Limits of a container as a whole, on trees that look like a hierarchy of control groups.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ControlGroupTests : IDisposable
{
    private readonly string _hierarchy = Directory.CreateTempSubdirectory("orca-groups-").FullName;

    public void Dispose() => Directory.Delete(_hierarchy, recursive: true);

    [Test]
    public void Group_IsMadeBelowTheNearestAncestorThatHandsTheControllersDown()
    {
        Group("", "memory pids cpu", "memory pids cpu");
        Group("user", "memory pids cpu", "memory pids cpu");
        Group("user/scope", "memory pids cpu", "");
        using var group = ControlGroup.Make(new GroupLimits { Memory = 64 << 20, NanoCpus = 1_500_000_000, Processes = 20 }, _hierarchy, "/user/scope");
        Assert.Multiple(() =>
        {
            Assert.That(Path.GetDirectoryName(group.Path), Is.EqualTo(_hierarchy + "/user"));
            Assert.That(Read(group, "memory.max"), Is.EqualTo("67108864"));
            Assert.That(Read(group, "memory.swap.max"), Is.EqualTo("67108864"), "as much swap as memory, as in Docker");
            Assert.That(Read(group, "cpu.max"), Is.EqualTo("150000 100000"));
            Assert.That(Read(group, "pids.max"), Is.EqualTo("20"));
        });
    }

    [Test]
    public void Group_OfTheCallersAlone_IsMadeAfterItsProcessesMovedAside()
    {
        Group("", "memory pids", "");
        Group("scope", "memory pids", "");
        File.WriteAllText(_hierarchy + "/scope/cgroup.procs", "17\n");
        File.WriteAllText(_hierarchy + "/cgroup.subtree_control", "");
        using var group = ControlGroup.Make(new GroupLimits { Processes = 5 }, _hierarchy, "/scope");
        Assert.Multiple(() =>
        {
            Assert.That(Path.GetDirectoryName(group.Path), Is.EqualTo(_hierarchy + "/scope"));
            Assert.That(File.ReadAllText(_hierarchy + "/scope/orca-host/cgroup.procs"), Is.EqualTo("17"));
            Assert.That(File.ReadAllText(_hierarchy + "/scope/cgroup.subtree_control"), Does.StartWith("+pids"));
        });
    }

    [TestCase(1L << 30, 3L << 30, "2147483648")]
    [TestCase(1L << 30, -1L, "max")]
    [TestCase(1L << 30, 1L << 30, "0")]
    public void Swap_IsCountedWithoutTheMemory(long memory, long both, string expected)
    {
        Group("", "memory", "memory");
        using var group = ControlGroup.Make(new GroupLimits { Memory = memory, MemoryAndSwap = both }, _hierarchy, "/");
        Assert.That(Read(group, "memory.swap.max"), Is.EqualTo(expected));
    }

    [Test]
    public void Controller_ThatTheHostDoesNotGive_IsRefusedByName()
    {
        Group("", "hugetlb memory", "");
        Group("mine", "hugetlb", "");
        Assert.That(
            () => ControlGroup.Make(new GroupLimits { Memory = 64 << 20 }, _hierarchy, "/mine"),
            Throws.TypeOf<SandboxException>().With.Message.EqualTo("cannot limit the container: the control group '/mine' has no memory controller").And.Property("Hint").Contains("systemd-run"));
    }

    [Test]
    public void Controller_ThatTheKernelLacks_IsNotAskedOfSystemd()
    {
        Group("", "cpu pids", "");
        Group("mine", "cpu pids", "");
        Assert.That(
            () => ControlGroup.Make(new GroupLimits { Memory = 64 << 20 }, _hierarchy, "/mine"),
            Throws.TypeOf<SandboxException>().With.Message.EqualTo("cannot limit the container: this kernel has no memory controller").And.Property("Hint").Not.Contains("systemd-run"));
    }

    [TestCase("6.6.31+rpt-rpi-v8", "console=tty1 cgroup_disable=memory", "cmdline.txt")]
    [TestCase("6.6.31+rpt-rpi-2712", "", "cmdline.txt")]
    [TestCase("6.1.21-v8+", "", "cmdline.txt")]
    [TestCase("6.8.0-1013-raspi", "", "cmdline.txt")]
    [TestCase("6.1.0-28-arm64", "quiet cgroup_disable=memory\n", "take 'cgroup_disable=memory' off")]
    [TestCase("6.1.0-28-arm64", "quiet", "built without it")]
    public void MemoryController_IsSwitchedOn_ByWhatThatKernelKnows(string release, string commandLine, string cure) =>
        Assert.That(HostHints.OfController("memory", release, commandLine), Does.Contain(cure));

    [Test]
    public void HostWithoutGroupsOfVersion2_IsRefused()
    {
        Assert.That(() => ControlGroup.Make(new GroupLimits { Processes = 1 }, null, "/"), Throws.TypeOf<SandboxException>());
        Assert.That(() => ControlGroup.Make(new GroupLimits { Processes = 1 }, _hierarchy, null), Throws.TypeOf<SandboxException>());
    }

    [TestCase("30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate", "/sys/fs/cgroup")]
    [TestCase("30 23 0:26 / /sys/fs/cgroup/unified rw shared:9 master:1 - cgroup2 c rw", "/sys/fs/cgroup/unified")]
    [TestCase("30 23 0:26 /part /mnt rw - cgroup2 c rw", null)]
    [TestCase("30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", null)]
    [TestCase("", null)]
    public void Hierarchy_IsFoundInMountInfo(string mountInfo, string? expected) => Assert.That(ControlGroupProbe.HierarchyOf(mountInfo), Is.EqualTo(expected));

    [TestCase("0::/user.slice/x.scope\n", "/user.slice/x.scope")]
    [TestCase("9:memory:/a\n0::/\n", "/")]
    [TestCase("0::/../outside\n", null)]
    [TestCase("9:memory:/a\n", null)]
    public void OwnGroup_IsFound(string groups, string? expected) => Assert.That(ControlGroupProbe.OwnOf(groups), Is.EqualTo(expected));

    private static string Read(ControlGroup group, string file) => File.ReadAllText(group.Path + "/" + file);

    private void Group(string path, string controllers, string handedDown)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_hierarchy, path)).FullName.TrimEnd('/');
        File.WriteAllText(directory + "/cgroup.controllers", controllers + "\n");
        File.WriteAllText(directory + "/cgroup.subtree_control", handedDown + "\n");
        File.WriteAllText(directory + "/cgroup.procs", "");
    }
}
