using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using Orca.Sandbox.SubIds;
using Orca.Tests.Architecture;

namespace Orca.Tests.Sandbox.Planning;

/// <summary>Plans as text against golden files. To accept a change: <c>ORCA_ACCEPT=1 dotnet test --filter SandboxPlannerTests</c>, then read the diff.</summary>
[TestFixture]
public sealed class SandboxPlannerTests
{
    private static readonly SandboxSpec s_spec = new()
    {
        Root = new RootFileSystem
        {
            Store = "/home/ann/.local/share/orca",
            Directory = "containers/run-1",
            Lower = "images/sha256-ab/rootfs",
            Upper = "containers/run-1/upper",
            Work = "containers/run-1/work",
            Volatile = true,
        },
        Arguments = ["sh", "-c", "echo hi"],
        Env = ["PATH=/usr/bin:/bin", "HOME=/root"],
        WorkingDirectory = "/",
        Hostname = "run-1",
        Files = [new GeneratedFile("/etc/hosts", "127.0.0.1\tlocalhost\n"), new GeneratedFile("/etc/resolv.conf", "nameserver 192.0.2.1\n")],
    };

    private static readonly HostFacts s_host = new()
    {
        Uid = 1000,
        Gid = 100,
        SourceIsDirectory = [],
        Devices = ["null", "zero", "full", "random", "urandom", "tty"],
    };

    private static readonly SandboxSpec s_manyIds = s_spec with { UserNamespace = UserNamespaceMode.SubIds, NoNewPrivileges = false };

    private static readonly HostFacts s_subIds = s_host with { SubIds = new SubordinateIds([new IdRange(200000, 60000), new IdRange(400000, 5536)], [new IdRange(300000, 65536)]) };

    [Test]
    public void Plan_GivesPipesToAnotherUser_ButNoFileThatTheCallerLends() => Assert.That(
        SandboxPlanner.Plan(s_manyIds with { Uid = 33, Gid = 33 }, s_subIds with { StreamsToRelay = [0, 1, 2], LentStreams = [1] }).Steps.OfType<GiveStreams>().Single().Streams,
        Is.EqualTo([0, 2]));

    [Test]
    public void Plan_OfASimpleRun() => Golden("simple", s_spec, s_host);

    [Test]
    public void Plan_WithTerminal() => Golden("terminal", s_spec with { Terminal = true }, s_host with { Terminal = new TerminalFacts(50, 132, default) });

    [Test]
    public void Plan_WithMountsUserAndDirectory() => Golden(
        "mounts",
        s_spec with
        {
            Mounts = [new BindMount("/home/ann/src", "/src/./x/../y", ReadOnly: true), new BindMount("/etc/zone", "/etc/zone", ReadOnly: false)],
            Uid = 1000,
            Gid = 1000,
            WorkingDirectory = "/src/y",
            PassInput = false,
        },
        s_host with { SourceIsDirectory = [true, false], ThermalThrottle = ["/sys/devices/system/cpu/cpu0/thermal_throttle"] });

    [Test]
    public void Plan_OfAnImageInAnotherStore() => Golden(
        "behind", s_spec with { Root = s_spec.Root with { LowerStore = "/srv/or:ca,x", Frame = "frames/f" } }, s_host);

    [Test]
    public void Plan_WithChangesInMemory() => Golden("memory", s_spec with { ReadOnly = true, Root = s_spec.Root with { Memory = new MemoryLayer(64 << 20, 0b111_101_101) } }, s_host);

    [Test]
    public void Plan_WithoutOverlay() => Golden(
        "copy",
        s_spec with { Root = new RootFileSystem { Store = "/s", Directory = "containers/c", Copy = "containers/c/rootfs" } },
        s_host with { WithoutOverlay = true });

    [Test]
    public void Plan_OnAHostThatRefusesEverythingItMay() => Golden(
        "lent",
        s_spec with
        {
            Root = new RootFileSystem { Store = "/s", Directory = "containers/c", Copy = "images/i/rootfs", IsShared = true },
            ReadOnly = true,
            HostProc = true,
        },
        s_host with { WithoutOverlay = true });

    [Test]
    public void Plan_WithoutNetworkAndWithLimits() => Golden(
        "isolated",
        s_spec with
        {
            Network = NamespaceMode.Own,
            ReadOnly = true,
            TemporaryMounts = [TemporaryMount.Parse("/run:size=1m,mode=755"), TemporaryMount.Parse("/tmp:exec,ro")],
            Requested = new() { Limits = new() { SharedMemory = 100_000, Resources = [ResourceLimit.Parse("nofile=64:128"), ResourceLimit.Parse("core=0")] } },
            RootFiles = [new RootFile("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin", default), new RootFile("/etc/timezone", null, "Europe/Berlin\n"u8.ToArray())],
        },
        s_host);

    [Test]
    public void Plan_WithAGroup_EntersItBeforeTheNamespaceThatHidesTheRest()
    {
        var plan = SandboxPlanner.Plan(s_spec with { Limits = new GroupLimits { Processes = 9 } }, s_host with { Group = "/sys/fs/cgroup/user/orca-1" });
        Assert.That(plan.Namespaces.HasFlag(NamespaceKinds.Cgroup), Is.False);
        Assert.That(plan.Lines().ElementAt(3), Is.EqualTo("3. join control group '/sys/fs/cgroup/user/orca-1', then a new cgroup namespace"));
    }

    [Test]
    public void Plan_SharingWithTheHost() => Golden("shared", s_spec with { Ipc = NamespaceMode.Host, Uts = NamespaceMode.Host }, s_host);

    [Test]
    public void Plan_AmongTheHostsProcesses() => Golden("host-processes", s_spec with { Pid = NamespaceMode.Host, HostProc = true }, s_host);

    [Test]
    public void Plan_WithoutInit_DiffersInThatStep_AndAsksNobody()
    {
        var plan = SandboxPlanner.Plan(s_spec with { Terminal = true, Init = false }, s_host with { Terminal = new TerminalFacts(50, 132, new byte[36]) });
        var usual = SandboxPlanner.Plan(s_spec with { Terminal = true }, s_host with { Terminal = new TerminalFacts(50, 132, new byte[36]) });
        Assert.That(plan.Lines().Except(usual.Lines()).Select(line => line[(line.IndexOf(". ", StringComparison.Ordinal) + 2)..]), Is.EqualTo(new[]
        {
            "load a filter of system calls: the default policy, what one id cannot do is answered as done",
            "go on without an init: the command is the first process, in a session of its own, and dies with orca",
        }));
    }

    [Test]
    public void Plan_WithMountsOverWhatOrcaPutsIn() => Golden(
        "covered",
        s_spec with
        {
            ReadOnly = true,
            Mounts = [new BindMount("/home/ann/host", "/etc/hostname", ReadOnly: false) { NoExec = true }, new BindMount("/home/ann/debug", "/sys/kernel/debug", ReadOnly: true)],
            TemporaryMounts = [TemporaryMount.Parse("/etc:ro"), TemporaryMount.Parse("/var/run:suid,uid=1000"), TemporaryMount.Parse("/dev:size=1m")],
            Places = new Dictionary<string, string> { ["/var/run"] = "/run" },
            Files = [new GeneratedFile("/etc/hostname", "box\n"), new GeneratedFile("/etc/hosts", "127.0.0.1\tlocalhost\n"), new GeneratedFile("/run/orca/apt.conf", "x\n")],
            RootFiles = [new RootFile("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin", default)],
        },
        s_host with { SourceIsDirectory = [false, true] });

    [Test]
    public void Cve_2023_30549_NothingButTheKernelsOwnFileSystems_IsMounted()
    {
        var kinds = Directory.GetFiles(Path.Combine(Repository.Root, "Orca.Tests/Sandbox/Planning/Golden")).SelectMany(File.ReadAllLines)
            .Where(static line => line.Contains(". mount ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2]).Where(static kind => kind[0] != '\'').Distinct();
        Assert.That(kinds, Is.SubsetOf(["overlay", "proc", "tmpfs", "devpts", "mqueue", "sysfs", "cgroup2", "an"])); // an empty read-only tmpfs
        Assert.That(kinds, Does.Contain("overlay"));
    }

    [Test]
    public void Plan_MountsAParentBeforeItsChild_WhateverTheOrderGiven()
    {
        var spec = s_spec with
        {
            Mounts = [new BindMount("/1", "/a/b/c", false), new BindMount("/2", "/x", false), new BindMount("/3", "/a", false)],
            TemporaryMounts = [new TemporaryMount("/a/b")],
        };
        var paths = SandboxPlanner.Plan(spec, s_host with { SourceIsDirectory = [true, true, true] }).Steps
            .Select(step => step is AttachTree tree ? tree.Path : step is MountTemporary memory ? memory.Path : null).OfType<string>();
        Assert.That(paths, Is.EqualTo(["/x", "/a", "/a/b", "/a/b/c"]));
    }

    [Test]
    public void Plan_TwoMountsInOnePlace_IsRefused() => Assert.That(
        () => SandboxPlanner.Plan(s_spec with { Mounts = [new BindMount("/1", "/a", false)], TemporaryMounts = [new TemporaryMount("/b/../a")] }, s_host with { SourceIsDirectory = [true] }),
        Throws.TypeOf<SandboxException>().With.Message.Contains("two mounts want that place"));

    [Test]
    public void Plan_WithSubIds() => Golden("subids", s_manyIds, s_subIds);

    [Test]
    public void Plan_WithSubIds_AsAnotherUserWhoGainsNothing() => Golden(
        "subids-user",
        s_manyIds with { Uid = 33, Gid = 33, Groups = [33, 7], NoNewPrivileges = true, Capabilities = CapabilitySet.Default.With([], ["ALL"]) },
        s_subIds with { Pipes = [0, 2], StreamsToRelay = [1] });

    [TestCase(true, true, "connect standard input, standard output, standard error by pipe, the last two by one")]
    [TestCase(true, false, "connect standard input, standard output, standard error by pipe")]
    [TestCase(false, true, "connect standard output, standard error by pipe, the last two by one")]
    public void Plan_StreamsThatCannotBeTheCommands_ArePipes(bool passInput, bool errorIsOutput, string line) => Assert.That(
        SandboxPlanner.Plan(s_spec with { PassInput = passInput }, s_host with { StreamsToRelay = [0, 1, 2], ErrorIsOutput = errorIsOutput }).Lines(), Has.Some.EndsWith(line));

    [TestCase(true, true, "attach the terminal to 0, 1 and 2")]
    [TestCase(true, false, "attach the terminal to 0, 1 and 2, the command in its background")]
    [TestCase(false, false, "attach the terminal to 0, 1 and 2", Description = "it reads nothing of the caller's")]
    public void Plan_TerminalOfAnotherJob_HasTheCommandInItsBackground(bool passInput, bool inForeground, string line) => Assert.That(
        SandboxPlanner.Plan(
            s_spec with { Terminal = true, PassInput = passInput }, s_host with { Terminal = new TerminalFacts(24, 80, default) { InForeground = inForeground } }).Lines(),
        Has.Some.EndsWith(line));

    [Test]
    public void Plan_WithTheHostsIds_HasNoUserNamespace() =>
        Golden("host-ids", s_spec with { UserNamespace = UserNamespaceMode.Host, Terminal = true, Uid = 5, Gid = 6 }, s_host with { Uid = 0, Gid = 0 });

    [Test]
    public void Plan_WhereExecMayGain_LoadsTheFilterWhileThatMayBeDone_AndDropsTheRestAfterIt()
    {
        var steps = SandboxPlanner.Plan(s_manyIds, s_subIds).Steps.ToList();
        Assert.That(steps.FindIndex(step => step is NoNewPrivileges), Is.EqualTo(-1));
        Assert.That(steps.FindIndex(step => step is LimitCapabilities), Is.EqualTo(steps.FindIndex(step => step is LoadFilter) + 1));
        Assert.That(steps.FindIndex(step => step is BecomeUser), Is.EqualTo(steps.FindIndex(step => step is StartInit) + 1));
    }

    [Test]
    public void Plan_ReadOnlyRoot_IsSealedAfterEverythingIsMade()
    {
        var steps = SandboxPlanner.Plan(s_spec with { ReadOnly = true, WorkingDirectory = "/w", TemporaryMounts = [new TemporaryMount("/t")] }, s_host).Steps.ToList();
        Assert.That(
            steps.FindIndex(step => step is SealMount { Path: "/" }),
            Is.GreaterThan(steps.FindLastIndex(step => step is MakeDirectories or MountTemporary or AttachTree or AttachFile or ReplaceFile)));
    }

    [Test]
    public void Plan_DropsTheOldRoot_BeforeAnyPathOfTheImageIsResolved()
    {
        var spec = s_spec with { Mounts = [new BindMount("/a", "/b", ReadOnly: false)] };
        var steps = SandboxPlanner.Plan(spec, s_host with { SourceIsDirectory = [true] }).Steps.ToList();
        var pivot = steps.FindIndex(step => step is PivotRoot);
        Assert.Multiple(() =>
        {
            Assert.That(steps.FindLastIndex(step => step is CloneTree or BindDevice or MountOverlay or EnterStore), Is.LessThan(pivot));
            Assert.That(steps.FindIndex(step => step is AttachTree or AttachFile or MakeDirectories or MaskFile or MountTemporary or ReplaceFile), Is.GreaterThan(pivot));
            Assert.That(steps.FindIndex(step => step is CloseDescriptors), Is.LessThan(steps.FindIndex(step => step is CloneTree)));
            Assert.That(steps[^1], Is.TypeOf<Execute>());
        });
    }

    [TestCase("relative", "not an absolute path")]
    [TestCase("/", "the container's root")]
    [TestCase("/x/..", "the container's root")]
    [TestCase("/proc", "nothing may cover /proc")]
    [TestCase("/x/../proc/sys", "nothing may cover /proc")]
    [TestCase("//proc//self", "nothing may cover /proc")]
    public void Plan_MountWhereNothingMayBeMounted_IsRefused(string destination, string reason) => Assert.That(
        () => SandboxPlanner.Plan(s_spec with { Mounts = [new BindMount("/a", destination, false)] }, s_host with { SourceIsDirectory = [true] }),
        Throws.TypeOf<SandboxException>().With.Message.Contains(reason));

    [Test]
    public void Plan_MountOfWhatLxcfsReplaces_IsAllowed() => Assert.That(
        () => SandboxPlanner.Plan(s_spec with { Mounts = [new BindMount("/a", "/proc/meminfo", false)] }, s_host with { SourceIsDirectory = [false] }), Throws.Nothing);

    [TestCase("sh", "PATH=/usr/bin:/bin", "/usr/bin/sh /bin/sh")]
    [TestCase("sh", "PATH=:/bin", "./sh /bin/sh")]
    [TestCase("sh", "X=1", "/usr/local/sbin/sh /usr/local/bin/sh /usr/sbin/sh /usr/bin/sh /sbin/sh /bin/sh")]
    [TestCase("./sh", "PATH=/bin", "./sh")]
    [TestCase("/opt/sh", "PATH=/bin", "/opt/sh")]
    public void Candidates_AreThoseOfExecvp(string name, string variable, string expected) =>
        Assert.That(string.Join(' ', CommandLookup.Candidates([name], [variable])), Is.EqualTo(expected));

    private static void Golden(string name, SandboxSpec spec, HostFacts host)
    {
        var file = Path.Combine(Repository.Root, "Orca.Tests/Sandbox/Planning/Golden", name + ".txt");
        var actual = string.Join('\n', SandboxPlanner.Plan(spec, host).Lines()) + "\n";
        if (Environment.GetEnvironmentVariable("ORCA_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(file)));
    }
}
