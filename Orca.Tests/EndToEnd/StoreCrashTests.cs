using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Rows F01, F02 and F11 of the catalogue: killed at each system call that writes, and interrupted.</summary>
/// <remarks>
/// Sampled, so that it ends in bounded time; <c>make test-long</c> tries every call. After each: the image is absent or whole, a check finds nothing,
/// the next pull succeeds, and prune leaves nothing that was not there.
/// </remarks>
[Category("EndToEnd")]
public sealed class StoreCrashTests
{
    private static readonly string[] s_pull = ["pull", "-q", World.Busybox];
    private static readonly string[] s_remove = ["rmi", World.Busybox];
    private static readonly string[] s_prune = ["system", "prune"];

    [TestCase("pull")]
    [TestCase("rmi")]
    [TestCase("prune")]
    public void Kill9_AtACallThatWrites_LeavesTheOldOrTheNewState(string what)
    {
        using var home = new Home();
        Prepare(home, what);
        var moments = KillMoments.Of(home, Line(what));
        Assert.That(moments, Has.Count.GreaterThan(10));
        var killed = 0;
        foreach (var (call, at) in Sampling.Of(moments, 8, static moment => moment.Call))
        {
            Prepare(home, what);
            killed += Strace(home, call, $"signal=KILL:when={at}", Line(what)).Run().Status == 137 ? 1 : 0;
            AssertSound(home, $"{what}, killed at {call} {at}");
        }

        Assert.That(killed, Is.GreaterThan(4), "threads share their work otherwise each time, so not every call is made by the same one");
    }

    [Test]
    public void Interrupted_EverySecondCall_ChangesNothing()
    {
        using var home = new Home();
        Strace(home, "read,write,flock,openat", "error=EINTR:when=2+2", s_pull).Run().Succeeds();
        Assert.That(home.Orca("system", "check").Run().Succeeds().Output, Does.EndWith("all sound\n"));
    }

    /// <summary>What a terminal that is resized all the time, and children that end, do to every call that waits.</summary>
    [Test]
    public void StormOfSignals_ChangesNothing()
    {
        using var home = new Home();
        home.Shell($"\"$orca\" pull -q {World.Debian} >out & pull=$!; while kill -WINCH $pull && kill -CHLD $pull && kill -CONT $pull; do :; done 2>/dev/null; wait $pull").Succeeds();
        Assert.That(home.Orca("system", "check").Run().Succeeds().Output, Does.EndWith("all sound\n"));
    }

    private static string[] Line(string what) => what switch { "pull" => s_pull, "rmi" => s_remove, _ => s_prune };

    /// <summary>Brings the store to where the command has work to do.</summary>
    private static void Prepare(Home home, string what)
    {
        home.Orca("rmi", "-f", World.Busybox).Run().Succeeds();
        if (what == "pull")
        {
            return;
        }

        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        if (what == "prune")
        {
            home.Shell("rm .local/share/orca/refs/*; mkdir -p .local/share/orca/staging/dead/x .local/share/orca/containers/run-0123456789ab").Succeeds();
        }
    }

    private static void AssertSound(Home home, string when)
    {
        Assert.That(home.Orca("system", "check").Run().Status, Is.Zero, when);
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Orca("run", "--pull", "never", World.Busybox, "true").Run().Succeeds();
        home.Orca("prune").Run().Succeeds();
        Assert.That(home.Orca("system", "check").Run().Output, Is.EqualTo("checked 1 image, " + Names(home) + " names: all sound\n"), when);
        Assert.That(home.Shell("cd .local/share/orca && ls -A staging parts containers").Output.Split('\n').Where(line => line.Length > 0 && !line.EndsWith(':')), Is.Empty, when);
    }

    private static string Names(Home home) => home.Shell("find .local/share/orca/images/*/rootfs -mindepth 1 | wc -l").Output.Trim();

    private static Command Strace(Home home, string calls, string fault, string[] line)
    {
        var traced = KillMoments.Strace(calls, fault, line);
        return home.Program(traced[0], traced[1..]).Within(90);
    }
}
