using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class KillMinusNineTests
{
    [Test]
    public void Orca_Killed_TakesTheContainerWithIt()
    {
        using var home = new Home();
        home.Orca("run", World.Busybox, "true").Run().Succeeds();
        var before = home.Files();
        using (var running = home.Orca("run", World.Busybox, "sh", "-c", "sleep 7654.1 & sleep 7654.2 & echo ready; exec sleep 7654.3").Start().Until("ready"))
        {
            World.Kill("KILL", running.Id);
            running.Wait(20).Ends(137);
        }

        Assert.That(World.Eventually(() => World.Processes("sleep 7654").Count == 0), Is.True, "the container still runs");
        Assert.That(World.Eventually(() => World.Processes(home.Directory).Count == 0), Is.True, "a process of orca still runs");
        Assert.That(File.ReadAllText("/proc/self/mountinfo"), Does.Not.Contain(home.Directory), "something stays mounted");
        World.Eventually(() => home.Orca("run", World.Busybox, "true").Run().Succeeds() is not null && home.Files().SequenceEqual(before)); // the end of a run may cut its sweep short
        Assert.That(home.Files(), Is.EqualTo(before), "the next runs sweep what the killed one left");
    }

    [Test]
    public void Orca_KilledOverAKeptContainer_LetsItBeEnteredAgain()
    {
        using var home = new Home();
        using (var running = home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo kept > /mark; sync; echo ready; exec sleep 7655.1").Start().Until("ready"))
        {
            World.Kill("KILL", running.Id);
            running.Wait(20).Ends(137);
        }

        home.Orca("run", "--name", "work", World.Busybox, "cat", "/mark").Run().Prints("kept");
        home.Orca("rm", "work").Run().Succeeds();
    }

    [Test]
    public void Orca_KilledAtAnyMoment_NeverBreaksTheStore()
    {
        using var home = new Home();
        home.Orca("run", World.Busybox, "true").Run().Succeeds();
        var before = home.Files();
        for (var delay = 0; delay < 30; delay++)
        {
            using var running = home.Orca("run", World.Busybox, "sleep", "7656.1").Start();
            Thread.Sleep(delay);
            World.Kill("KILL", running.Id);
            running.Wait(20);
        }

        home.Orca("run", World.Busybox, "echo", "well").Run().Prints("well");
        Assert.That(
            World.Eventually(() =>
            {
                home.Orca("run", World.Busybox, "true").Run().Succeeds(); // thirty are more than one short run may have the time to sweep
                return home.Files().SequenceEqual(before);
            }),
            Is.True,
            "the next runs sweep what the killed ones left");
        Assert.That(World.Eventually(() => World.Processes("7656.1").Count == 0), Is.True);
    }
}
