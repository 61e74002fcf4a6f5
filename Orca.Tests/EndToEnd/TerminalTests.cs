using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class TerminalTests
{
    private Home _home = null!;
    private Terminal _terminal = null!;

    [SetUp]
    public void Open()
    {
        _home = new Home();
        _home.Orca("pull", World.Busybox).Run().Succeeds();
        _terminal = new Terminal(_home);
    }

    [TearDown]
    public void Close()
    {
        _terminal.Dispose();
        _home.Dispose();
    }

    [Test]
    public void Run_OnATerminal_GivesAShellWithAPrompt()
    {
        _terminal.Type($"$orca run {World.Busybox} sh").See("/ #");
        _terminal.Type("tty; echo $((40+2))").See("/dev/").See("42");
        _terminal.Type("exit 3").Ended().Type("echo status $?").See("status 3");
    }

    [Test]
    public void Run_WithDashIT_GivesAShellWithAPrompt()
        => _terminal.Type($"$orca run -it {World.Busybox} sh").See("/ #").Type("exit").Ended().Type("echo status $?").See("status 0");

    [Test]
    public void Size_IsRightBeforeTheFirstOutput()
        => _terminal.Type($"$orca run {World.Busybox} stty size").See("30 100");

    [Test]
    public void Size_FollowsTheTerminal()
    {
        _terminal.Type($"$orca run {World.Busybox} sh").See("/ #");
        _terminal.Resize(71, 19);
        _terminal.Type("until [ \"$(stty size)\" = '19 71' ]; do sleep 0.05; done; echo narrow").See("narrow");
        _terminal.Resize(120, 40);
        _terminal.Type("until [ \"$(stty size)\" = '40 120' ]; do sleep 0.05; done; echo wide").See("wide");
    }

    /// <summary>What is typed while the output is stopped is echoed by a shell that waits for its terminal, and reads nothing meanwhile.</summary>
    [Test]
    public void Output_ThatCtrlSStops_GoesOnAfterCtrlQ()
    {
        _terminal.Type($"$orca run -it {World.Busybox} sh").See("/ #");
        _terminal.Press("C-s").Press("e", "c", "h", "o", "Space", "4", "$", "(", "(", "1", ")", ")");
        Thread.Sleep(500);
        _terminal.Press("Enter").Press("C-q");
        _terminal.See("41");
        _terminal.Type("echo 4$((2))").See("42");
        _terminal.Type("exit").Ended();
    }

    [Test]
    public void Resize_ReachesTheProgramAsASignal()
    {
        _terminal.Type($"$orca run {World.Busybox} sh -c 'trap \"stty size\" WINCH; echo ready; while :; do sleep 0.1; done'").See("ready");
        _terminal.Resize(90, 25);
        _terminal.See("25 90");
        _terminal.Press("C-c");
    }

    [Test]
    public void Interrupt_GoesToTheProgramNotToOrca()
    {
        _terminal.Type($"$orca run {World.Busybox} sh").See("/ #");
        _terminal.Type("sleep 1000.1; echo slept $?").Running("sleep 1000.1").Press("C-c");
        _terminal.Type("echo still $((40+2))").See("still 42");
        _terminal.Type("exit").Ended().Type("echo out").See("out");
    }

    [Test]
    public void Interrupt_OfTheCommandItself_Is130()
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 1000.2").Running("sleep 1000.2");
        _terminal.Press("C-c").Ended().Type("echo status $?").See("status 130");
    }

    [Test]
    public void EndOfFile_EndsTheShell()
        => _terminal.Type($"$orca run {World.Busybox} sh").See("/ #").Press("C-d").Ended().Type("echo status $?").See("status 0");

    [Test]
    public void DetachKeysOfDocker_AreOrdinaryKeys()
    {
        _terminal.Type($"$orca run {World.Busybox} sh -c 'stty -icanon -echo -ixon; echo ready; dd bs=1 count=2 2>/dev/null | od -An -tx1'").See("ready");
        _terminal.Press("C-p").Press("C-q").See("10 11");
    }

    [Test]
    public void Mode_AfterTheEnd_IsAsBefore()
    {
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} sh").See("/ #").Type("exit").Ended().Type("echo out").See("out");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    /// <summary>While bash reads a line the terminal has the modes of its line editor: they are not what a job in the background may save.</summary>
    [Test]
    public void Mode_AfterAStartInTheBackground_IsAsBefore()
    {
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash");
        Record("before");
        _terminal.Type($"$orca run -it {World.Busybox} sh &").Type("sleep 0.5; jobs").See("[1]+  Stopped");
        _terminal.Type("fg").See("/ #").Type("exit").Ended().Type("echo out").See("out");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    [Test]
    public void Mode_AfterTheContainerIsKilled_IsAsBefore()
    {
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} sh -c 'echo ready; sleep 1234.5'").See("ready");
        _terminal.Running("sleep 1234.5");
        foreach (var process in World.Processes("sleep 1234.5").Where(id => !World.CommandLine(id).Contains("orca", StringComparison.Ordinal)))
        {
            World.Kill("KILL", process);
        }

        _terminal.Ended().Type("echo status $?").See("status 137");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    [Test]
    public void Mode_AfterOrcaIsTerminated_IsAsBefore()
    {
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} sh -c 'trap \"exit 9\" TERM; echo ready; while :; do sleep 0.1; done'").See("ready");
        foreach (var process in World.Processes(World.Binary + " run"))
        {
            World.Kill("TERM", process);
        }

        _terminal.Ended().Type("echo status $?").See("status 9");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    [Test]
    public void Mode_AfterOrcaIsKilled_IsAsBefore()
    {
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} sh -c 'echo ready; sleep 1234.7'").See("ready").Running("sleep 1234.7");
        foreach (var process in World.Processes(World.Binary + " run"))
        {
            World.Kill("KILL", process);
        }

        Assert.That(World.Eventually(() => World.Processes("sleep 1234.7").Count == 0, 20), Is.True);
        _terminal.Ended().Type("echo status $?").See("status 137");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    [Test]
    public void Mode_AfterAFailure_IsAsBefore()
    {
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} no-such-command; echo status $?").See("status 127");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    [Test]
    public void Console_IsThere()
        => _terminal.Type($"$orca run {World.Busybox} sh -c 'test -c /dev/console && echo a-console; tty'").See("a-console");

    [Test]
    public void Variable_Term_IsPassed()
        => _terminal.Type($"$orca run {World.Busybox} sh -c 'echo [$TERM]'").See("[xterm]");

    [Test]
    public void JobControl_Works()
    {
        _terminal.Type($"$orca run {World.Busybox} sh").See("/ #");
        _terminal.Type("sleep 1000.3").Running("sleep 1000.3");
        _terminal.Press("C-z").See("^Z[1]+  Stopped").Type("kill %1; echo alive").See("alive");
    }

    [Test]
    public void S36_Quit_OfTheCommandItself_Is131()
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 1000.6").Running("sleep 1000.6");
        _terminal.Press("C-\\").Ended().Type("echo status $?").See("status 131");
    }

    [Test]
    public void S36_TerminalWithoutASize_HasNoneInside()
        => _terminal.Type($"stty cols 0 rows 0; $orca run {World.Busybox} sh -c 'tty; stty size'").See("/dev/pts/0").See("stty: standard input"); // as busybox tells no size

    [Test]
    public void S36_StormOfSizes_EndsInTheLastOne()
    {
        _terminal.Type($"$orca run {World.Busybox} sh").See("/ #");
        _terminal.Type("echo in-$((40+2))").See("in-42");
        var orca = World.Processes(World.Binary + " run").Single(static process => World.CommandLine(process).StartsWith(World.Binary, StringComparison.Ordinal));
        World.Tool("sh", "-c", $"for i in $(seq 2000); do kill -WINCH {orca}; done").Succeeds();
        for (var i = 0; i < 40; i++)
        {
            _terminal.Resize(60 + i, 20 + (i % 9));
        }

        _terminal.Resize(77, 22);
        _terminal.Type("until [ \"$(stty size)\" = '22 77' ]; do sleep 0.05; done; echo calm").See("calm");
    }

    [Test]
    public void S36_WindowThatIsClosed_TakesTheContainerWithIt()
    {
        _terminal.Type($"$orca run {World.Busybox} sh -c 'sleep 1000.8'").Running("sleep 1000.8");
        _terminal.Dispose();
        Assert.That(World.Eventually(() => World.Processes("sleep 1000.8").Count == 0 && World.Processes(World.Binary + " run").Count == 0, 20), Is.True);
    }

    [Test]
    public void S30_TypingIntoTheTerminal_IsRefusedOnOneToo()
    {
        _terminal.Type($"$orca run -v {SystemCallProbe.X64}:/probe:ro {World.Busybox} /probe 16,0,21522,@x 16,1,21522,@x").See("16 -1").Ended();
        _terminal.Type("echo nothing was typed").See("nothing was typed");
    }

    private void Record(string name)
    {
        _terminal.Type($"stty -g > {name}; echo recorded-{name}").See("recorded-" + name);
    }
}
