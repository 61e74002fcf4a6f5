using NUnit.Framework;
using Orca.Core.Containers;

namespace Orca.Tests.Cli.Commands;

/// <summary>Options of docker's and podman's 'run' that ask the library for something.</summary>
public sealed class RunFlagTests
{
    [Test]
    public void OptionsOfTheProcess_ArePassedOn()
    {
        var process = Asked("--umask 0027 --unsetenv A --unsetenv B --entrypoint [\"sh\",\"-c\"]").Process;
        Assert.That((process.Umask, string.Join(' ', process.UnsetEnv), string.Join(' ', process.Entrypoint!)), Is.EqualTo(((long?)23, "A B", "sh -c")));
        Assert.That(Asked("--unsetenv-all").Process.UnsetEnv, Is.EqualTo(["*"]));
        Assert.That(Asked("--entrypoint [sh").Process.Entrypoint, Is.EqualTo(["[sh"]), "a program of that name");
    }

    [Test]
    public void OptionsOfLimits_ArePassedOn()
    {
        var limits = Asked("--oom-score-adj -5 --cpuset-cpus 0-1,3 --sysctl net.ipv4.ip_forward=1 --cpu-quota 50000 --network none").Limits;
        Assert.That((limits.OomScore, limits.Processors, string.Join(' ', limits.KernelParameters), limits.Group.NanoCpus), Is.EqualTo(((long?)-5, "0-1,3", "net.ipv4.ip_forward=1", (long?)500_000_000)));
        Assert.That(Asked("--cpu-period 200000 --cpu-quota 50000").Limits.Group.NanoCpus, Is.EqualTo(250_000_000));
        Assert.That(Asked("--cpu-quota -1").Limits.Group.NanoCpus, Is.Null);
    }

    [Test]
    public void OomScore_ThatTheKernelDoesNotTake_IsNoted()
    {
        var world = World();
        Assert.That(world.Run("run", "--oom-score-adj", "-1000", "alpine"), Is.Zero);
        Assert.That(world.Error.Text, Does.StartWith("orca: note: --oom-score-adj -1000 has no effect: without root a score cannot be lower than the caller's, which is "));
        var raised = World();
        Assert.That(raised.Run("run", "--oom-score-adj", "1000", "alpine"), Is.Zero);
        Assert.That(raised.Error.Text, Is.Empty);
    }

    [Test]
    public void OptionsOfNetworkAndFiles_ArePassedOn()
    {
        Assert.That((Asked("--ipc none").Network.Ipc, Asked("--ipc none").Network.NoSharedMemory), Is.EqualTo(((NamespaceMode?)NamespaceMode.Own, (bool?)true)));
        Assert.That(Asked("--ipc private").Network.NoSharedMemory, Is.False);
        Assert.That(Asked("--no-hosts").Network.Names.KeepsHosts, Is.True);
        Assert.That(Asked("--read-only --read-only-tmpfs").Files.TemporaryMounts.Select(static mount => mount.Destination), Is.EqualTo(["/run", "/tmp", "/var/tmp"]));
        Assert.That(Asked("--read-only-tmpfs").Files.TemporaryMounts, Is.Empty);
    }

    [Test]
    public void Variables_OfTheHost_AreCopiedByTheirBeginningOrAll()
    {
        Assert.That(Asked("-e CI_*").Process.Env, Is.EqualTo(["CI_A=1", "CI_B=2"]));
        Assert.That(Asked("--env-host -e CI_A=3").Process.Env, Is.SupersetOf(["CI_A=1", "CI_B=2", "OTHER=x"]).And.Member("CI_A=3"));
    }

    [Test]
    public void Name_WithDockersSlash_IsTheName_AndIsReplacedWhenAsked()
    {
        var world = World();
        Assert.That(world.Run("run", "--replace", "--name", "/work", "alpine"), Is.Zero, world.Error.Text);
        Assert.That((world.Ran!.Name, world.Ran.Replace), Is.EqualTo(("work", true)));
        Assert.That(World().Run("run", "--replace", "alpine"), Is.EqualTo(125));
        Assert.That(World().Run("run", "--replace", "--name", "work"), Is.EqualTo(125));
    }

    [Test]
    public void Platform_InPodmansWords_IsOne()
    {
        var world = World();
        world.Run("run", "--arch", "arm", "--variant", "v7", "other");
        Assert.That(world.Pulled[0].Item2.ToString(), Is.EqualTo("linux/arm/v7"));
    }

    [TestCase("--umask 8")]
    [TestCase("--umask 01000")]
    [TestCase("--umask=")]
    [TestCase("--oom-score-adj 1001")]
    [TestCase("--cpuset-cpus 3-1")]
    [TestCase("--cpuset-cpus 1024")]
    [TestCase("--cpuset-cpus 0,,1")]
    [TestCase("--cpu-quota 999")]
    [TestCase("--sysctl kernel.panic=1")]
    [TestCase("--sysctl net.ipv4.ip_forward")]
    [TestCase("--sysctl net.ipv4.ip_forward=1")]
    [TestCase("--sysctl net...x=1 --network none")]
    [TestCase("--sysctl net/../kernel/panic=1 --network none")]
    [TestCase("--sysctl kernel.shmmax=1 --ipc host")]
    public void OptionThatIsWrong_IsRefusedBeforeAnythingHappens(string options)
    {
        var world = World();
        Assert.That(world.Run(["run", .. options.Split(' '), "alpine"]), Is.EqualTo(125));
        Assert.That(world.Ran, Is.Null);
    }

    private static FakeWorld World()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        world.Variables.AddRange(["CI_A=1", "CI_B=2", "OTHER=x", "ORCA_X=y"]);
        return world;
    }

    private static RunOptions Asked(string options)
    {
        var world = World();
        Assert.That(world.Run(["run", .. options.Split(' '), "alpine"]), Is.Zero, world.Error.Text);
        return world.Ran!.Options;
    }
}
