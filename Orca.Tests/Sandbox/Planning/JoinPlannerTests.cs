using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using Orca.Tests.Architecture;

namespace Orca.Tests.Sandbox.Planning;

/// <summary>Plans of commands that join a container, as text against golden files, as those of <see cref="SandboxPlannerTests"/>.</summary>
[TestFixture]
public sealed class JoinPlannerTests
{
    private const NamespaceKinds All =
        NamespaceKinds.User | NamespaceKinds.Mount | NamespaceKinds.Pid | NamespaceKinds.Ipc | NamespaceKinds.Uts | NamespaceKinds.Cgroup;

    private static readonly SandboxSpec s_spec = new()
    {
        Root = new RootFileSystem { Store = string.Empty, Directory = string.Empty },
        Arguments = ["sh", "-c", "echo hi"],
        Env = ["PATH=/usr/bin:/bin", "HOME=/root"],
        WorkingDirectory = "/",
        Hostname = "work",
        Joins = new ProcessIdentity(4711, 1),
    };

    private static readonly HostFacts s_host = new() { Uid = 1000, Gid = 100, SourceIsDirectory = [], Devices = [], Join = new JoinFacts(All, 0, 0, null) };

    [Test]
    public void Plan_OfASimpleCommand() => Golden("join", s_spec, s_host);

    [Test]
    public void Plan_AsAnotherUser_WithTerminalAndLimits() => Golden(
        "join-user",
        s_spec with { Uid = 33, Gid = 33, Terminal = true, Limits = new GroupLimits { Memory = 1 << 20 }, Requested = new RunOptions { Limits = new LimitOptions { Resources = [ResourceLimit.Parse("nofile=64")] } } },
        s_host with { Terminal = new TerminalFacts(50, 132, default), Join = new JoinFacts(All, 0, 0, "/sys/fs/cgroup/orca-1") });

    [Test]
    public void Plan_OfManyIds() => Golden(
        "join-subids", s_spec with { UserNamespace = UserNamespaceMode.SubIds, NoNewPrivileges = false, Uid = 33, Gid = 33, Groups = [4] }, s_host with { StreamsToRelay = [1] });

    [Test]
    public void Plan_Detached() => Golden("join-detached", s_spec with { Detached = true, PassInput = false }, s_host);

    /// <summary>Until then there is nothing that the container could see; from then on nothing of orca's is there to be seen.</summary>
    [Test]
    public void Plan_ClosesAndLetsMemoryGo_BeforeTheContainerIsEntered()
    {
        foreach (var spec in new[] { s_spec, s_spec with { Uid = 33 }, s_spec with { Terminal = true }, s_spec with { UserNamespace = UserNamespaceMode.SubIds, Uid = 33 } })
        {
            var steps = JoinPlanner.Plan(spec, s_host).Steps.Select(static step => step.GetType()).ToList();
            Assert.That(steps.IndexOf(typeof(CloseDescriptors)), Is.LessThan(steps.IndexOf(typeof(StartJoiner))));
            Assert.That(steps.IndexOf(typeof(StartJoiner)), Is.LessThan(steps.IndexOf(typeof(JoinNamespaces))));
            Assert.That(steps.LastIndexOf(typeof(JoinNamespaces)), Is.LessThan(steps.IndexOf(typeof(EnterContainer))));
            Assert.That(steps.IndexOf(typeof(EnterContainer)), Is.LessThan(steps.IndexOf(typeof(ChangeDirectory))));
            Assert.That(steps.IndexOf(typeof(ChangeDirectory)), Is.LessThan(steps.IndexOf(typeof(LoadFilter))));
            Assert.That(steps.IndexOf(typeof(LoadFilter)), Is.LessThan(steps.IndexOf(typeof(Execute))));
        }
    }

    /// <summary>The helper that makes a user would be there for everybody to trace, without a filter yet.</summary>
    [Test]
    public void Plan_OfAnotherUser_AmongTheHostsProcesses_IsRefused() => Assert.That(
        () => JoinPlanner.Plan(s_spec with { Uid = 33 }, s_host with { Join = new JoinFacts(All & ~NamespaceKinds.Pid, 0, 0, null) }),
        Throws.TypeOf<SandboxException>().With.Message.StartsWith("cannot run as user 33, group 0: "));

    private static void Golden(string name, SandboxSpec spec, HostFacts host)
    {
        var file = Path.Combine(Repository.Root, "Orca.Tests/Sandbox/Planning/Golden", name + ".txt");
        var actual = string.Join('\n', JoinPlanner.Plan(spec, host).Lines()) + "\n";
        if (Environment.GetEnvironmentVariable("ORCA_ACCEPT") == "1")
        {
            File.WriteAllText(file, actual);
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(file)));
    }
}
