using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Commands on containers, killed at system calls that write: a seeded sample of them, all with <c>make test-long</c>.</summary>
/// <remarks>After each: the container is there and usable, or is not there; a check finds nothing, and removing it leaves nothing.</remarks>
[Category("EndToEnd")]
public sealed class KilledLifeTests
{
    [TestCase("run", "-d", "--name", "c1", World.Busybox, "sleep", "0.2")]
    [TestCase("start", "c1")]
    [TestCase("stop", "-t", "0", "c1")]
    [TestCase("create", "--name", "c1", World.Busybox, "sleep", "0.2")]
    [TestCase("rename", "c1", "c2")]
    [TestCase("snapshot", "c1")]
    [TestCase("snapshot", "rm", "c1", "1")]
    [TestCase("undo", "c1")]
    [TestCase("restore", "c1", "0")]
    [TestCase("branch", "c1", "c2")]
    [TestCase("rm", "-f", "c1")]
    [TestCase("volume", "create", "c1")]
    [TestCase("volume", "rm", "c1")]
    public void Kill9_AtACallThatWrites_LeavesTheOldOrTheNewState(params string[] line)
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        Prepare(home, line);
        foreach (var (call, at) in Sampling.Of(KillMoments.Of(home, line), 5, static moment => moment.Call))
        {
            Clear(home);
            Prepare(home, line);
            var traced = KillMoments.Strace(call, $"signal=KILL:when={at}", line);
            home.Program(traced[0], traced[1..]).Within(90).Run();
            AssertState(home, line, $"{string.Join(' ', line)}, killed at {call} {at}");
            AssertSound(home, $"{string.Join(' ', line)}, killed at {call} {at}");
        }

        Clear(home);
        Assert.That(home.Shell("cd .local/share/orca && ls -A staging containers volumes 2>/dev/null").Output.Split('\n').Where(static text => text.Length > 0 && !text.EndsWith(':')), Is.Empty);
    }

    private static void Prepare(Home home, string[] line)
    {
        switch (line)
        {
            case ["start", ..] or ["rename", ..]:
                home.Orca("create", "--name", "c1", World.Busybox, "sleep", "0.2").Run().Succeeds();
                break;
            case ["snapshot", "c1"]:
                home.Orca("run", "--name", "c1", World.Busybox, "sh", "-c", "echo kept > /kept").Run().Succeeds();
                break;
            case ["snapshot", ..] or ["undo", ..] or ["restore", ..] or ["branch", ..]:
                home.Orca("run", "--name", "c1", World.Busybox, "sh", "-c", "echo kept > /kept").Run().Succeeds();
                home.Orca("snapshot", "c1").Run().Succeeds();
                home.Orca("run", "--name", "c1", World.Busybox, "sh", "-c", "echo more > /more").Run().Succeeds();
                break;
            case ["stop", ..] or ["rm", ..]:
                home.Orca("run", "-d", "--name", "c1", World.Busybox, "sleep", "5").Run().Succeeds();
                break;
            case ["volume", "rm", ..]:
                home.Orca("volume", "create", "c1").Run().Succeeds();
                break;
        }
    }

    /// <summary>What a container had changed is there, or is where the command takes it, and nothing in between.</summary>
    private static void AssertState(Home home, string[] line, string when)
    {
        if (line[0] is "snapshot" or "undo" or "restore" or "branch")
        {
            var state = home.Orca("run", "--name", "c1", World.Busybox, "sh", "-c", "cat /kept /more 2>/dev/null | tr '\\n' ' '").Run().Output.Trim();
            string[] allowed = line switch
            {
                ["snapshot", "c1"] => ["kept"],
                ["undo", ..] => ["kept more", "kept"],
                ["restore", ..] => ["kept more", ""],
                _ => ["kept more"],
            };
            Assert.That(state, Is.AnyOf(allowed), when);
        }
    }

    private static void AssertSound(Home home, string when)
    {
        foreach (var name in home.Orca("ps", "-aq").Run().Succeeds().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            home.Orca("stop", "-t", "0", name).Run().Succeeds();
            home.Orca("run", "--name", name, World.Busybox, "true").Run().Succeeds();
        }

        Assert.That(home.Orca("system", "check").Run().Status, Is.Zero, when);
        Clear(home);
        Assert.That(home.Shell("ls -A .local/share/orca/layers 2>/dev/null").Output.Trim(), Is.EqualTo("lock").Or.Empty, when);
        Assert.That(home.Orca("ps", "-aq").Run().Succeeds().Output + home.Orca("volume", "ls", "-q").Run().Succeeds().Output, Is.Empty, when);
    }

    private static void Clear(Home home)
    {
        home.Orca("rm", "-f", "-a").Run().Succeeds();
        home.Orca("volume", "prune", "--all").Run().Succeeds();
        home.Orca("system", "prune").Run().Succeeds();
    }
}
