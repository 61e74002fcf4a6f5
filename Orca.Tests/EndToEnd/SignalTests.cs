using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class SignalTests
{
    [TestCase("TERM")]
    [TestCase("INT")]
    [TestCase("HUP")]
    [TestCase("USR1")]
    [TestCase("USR2")]
    [TestCase("QUIT")]
    [TestCase("CONT")]
    [TestCase("WINCH")]
    [TestCase("TSTP")]
    [TestCase("35", Description = "the first that libc and the runtime leave to programs")]
    [TestCase("50")]
    [TestCase("64")]
    public void Signal_ToOrca_ReachesTheCommand(string signal)
    {
        using var running = World.Shared.Orca("run", World.Busybox, "sh", "-c", $"trap 'echo got; exit 9' {signal}; echo ready; while :; do sleep 0.05; done")
            .Start().Until("ready");
        World.Kill(signal, running.Id);
        var outcome = running.Wait(20).Ends(9);
        Assert.That(outcome.Output, Does.Contain("got"));
    }

    [TestCase("TERM", 143)]
    [TestCase("HUP", 129)]
    [TestCase("USR1", 138)]
    [TestCase("35", 163)]
    [TestCase("64", 192)]
    public void Signal_WithoutAHandler_EndsTheCommandByIt(string signal, int status)
    {
        using var running = World.Shared.Orca("run", World.Busybox, "sh", "-c", "echo ready; exec sleep 1000").Start().Until("ready");
        World.Kill(signal, running.Id);
        running.Wait(20).Ends(status);
    }

    /// <summary>A pipe that nobody reads, as of a pager that waits for a key.</summary>
    [Test]
    public void Term_WhileTheReaderStalls_ReachesTheCommand()
        => World.Shared.Shell(
            $"mkfifo stalled; exec 3<>stalled; \"$orca\" run -t {World.Busybox} sh -c 'trap \"exit 7\" TERM; yes & wait' > stalled & child=$!; "
            + "sleep 2; kill -TERM $child; wait $child; echo $?").Prints("7");

    /// <summary>Only who asks for the end while nothing is read has given up on the output.</summary>
    [TestCase("TERM")]
    [TestCase("HUP")]
    public void Signal_BeforeASlowReader_LosesNoOutput(string signal)
        => World.Shared.Shell(
            $"mkfifo slow-{signal}; (sleep 3; wc -l) < slow-{signal} & "
            + $"\"$orca\" run -t {World.Busybox} sh -c 'trap \"\" {signal}; sleep 1.5; seq 11500' > slow-{signal} < /dev/null & child=$!; sleep 1; kill -{signal} $child; wait").Prints("11500");

    [Test]
    public void LimitOfDescriptors_LoweredWhileItRuns_EndsWithTheCommand()
        => World.Shared.Shell(
            $"\"$orca\" run -t {World.Busybox} sh -c 'sleep 2; exit 6' > /dev/null < /dev/null & child=$!; sleep 1; prlimit --pid $child --nofile=8:8; wait $child; echo $?").Prints("6");

    [TestCase(0)]
    [TestCase(0.4)]
    public void Hangup_IgnoredAsByNohup_IsNotPassedOn(double seconds)
        => World.Shared.Shell(
            $"(trap '' HUP; exec \"$orca\" run {World.Busybox} sh -c 'trap \"exit 5\" HUP; sleep 2 & wait; exit 4') & child=$!; "
            + $"sleep {(seconds + 0.6).ToString(System.Globalization.CultureInfo.InvariantCulture)}; kill -HUP $child; wait $child; echo $?").Prints("4");

    /// <summary>A shell without job control has its background jobs ignore them; in Docker they reach the command all the same.</summary>
    [TestCase("INT", 0)]
    [TestCase("QUIT", 0)]
    [TestCase("INT", 0.4)]
    public void Interrupt_IgnoredByTheShellOfABackgroundJob_ReachesTheCommand(string signal, double seconds)
        => World.Shared.Shell(
            $"mkfifo ready-{signal}{seconds}; \"$orca\" run {World.Busybox} sh -c 'trap \"exit 5\" {signal}; echo ready; while :; do sleep 0.05; done' > ready-{signal}{seconds} & child=$!; "
            + $"read x < ready-{signal}{seconds}; sleep {seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)}; kill -{signal} $child; wait $child; echo $?").Prints("5");

    /// <summary>As a caller leaves it that wants no zombies; the second by the keeper, which waits in orca's place.</summary>
    [TestCase("0")]
    [TestCase("0.8")]
    public void EndOfChildren_IgnoredByTheCaller_LosesNoStatus(string seconds)
        => World.Shared.Shell($"trap '' CHLD; exec \"$orca\" run {World.Busybox} sh -c 'sleep {seconds}; exit 7'").Ends(7);

    [Test]
    public void Orphans_AreReaped()
        => World.Orca("run", World.Busybox, "sh", "-c", "for i in 1 2 3 4 5; do (sleep 0.05 &) ; done; sleep 0.5; ps -o stat | grep -c Z || true").Prints("0");

    [Test]
    public void S38_TenThousandOrphans_AreReaped()
    {
        var program = Path.Combine(World.Root, "orphans");
        World.Tool("clang", "-Wall", "-Wextra", "-Werror", "-O1", "-static", "-o", program, Fixture.Script("orphans.c")).Succeeds();
        World.Shared.Orca(
            "run", "-v", program + ":/orphans:ro", World.Busybox, "sh", "-c",
            "/orphans 10000 || exit 1; for i in $(seq 100); do n=$(cat /proc/[0-9]*/status 2>/dev/null | grep -c '^State:.Z'); [ $n = 0 ] && break; sleep 0.1; done; echo $n").Within(400).Run().Prints("0");
    }

    [Test]
    public void End_OfTheCommand_EndsWhatItLeftInTheBackground()
    {
        World.Orca("run", World.Busybox, "sh", "-c", "sleep 4321.1 >/dev/null 2>&1 & echo ok").Prints("ok");
        Assert.That(World.Eventually(() => World.Processes("4321.1").Count == 0), Is.True);
    }

    [Test]
    public void Dispositions_AreTheDefaultsInside()
        => World.Orca("run", World.Busybox, "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status") // a shell would ignore SIGQUIT
            .Prints("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");

    [Test]
    public void StopAndContinue_OfOrca_DoNotEndTheContainer()
    {
        using var running = World.Shared.Orca("run", "-i", World.Busybox, "sh", "-c", "echo ready; read x; echo got $x").Start().Until("ready");
        World.Kill("STOP", running.Id);
        World.Kill("CONT", running.Id);
        running.Feed("it\n"u8.ToArray());
        Assert.That(running.Wait(20).Succeeds().Output, Does.Contain("got it"));
    }
}
