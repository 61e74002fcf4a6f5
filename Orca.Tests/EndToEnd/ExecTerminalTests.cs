using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary><c>orca exec</c> at a terminal, as a person has it.</summary>
[Category("EndToEnd")]
public sealed class ExecTerminalTests
{
    private Home _home = null!;
    private Running _container = null!;

    [SetUp]
    public void Stand()
    {
        _home = new Home("exec");
        _container = _home.Orca("run", "--name", "work", World.Debian, "sh", "-c", "echo up; exec sleep 1000").Start().Until("up");
    }

    [TearDown]
    public void End()
    {
        _container.Dispose();
        _home.Dispose();
    }

    [Test]
    public void Command_HasATerminalOfTheContainers_ThatIsResized()
    {
        using var terminal = new Terminal(_home, columns: 97, rows: 31);
        terminal.Type("$orca exec work sh").See("#");
        terminal.Type("tty; stty size; ls /dev/pts | wc -l").See("/dev/pts/0").See("31 97");
        terminal.Resize(80, 25).Type("stty size").See("25 80");
        terminal.Type("exit 7").LeftExec().Type("echo status $?").See("status 7");
        terminal.Type("stty -a | grep -c ' icanon'").See("1");
    }

    [Test]
    public void CtrlC_InterruptsTheCommand_AndNotTheShell()
    {
        using var terminal = new Terminal(_home);
        terminal.Type("$orca exec -it work bash --norc").See("bash-");
        terminal.Type("sleep 1000; echo came $?").Press("C-c").Type("echo still $?").See("still 130");
        terminal.Type("exit").LeftExec();
    }

    [Test]
    public void CtrlZ_StopsTheJob_OfTheInnerShell()
    {
        using var terminal = new Terminal(_home);
        terminal.Type("$orca exec -it work bash --norc").See("bash-");
        terminal.Type("sleep 1000").Press("C-z").See("^Z").See("[1]+  Stopped");
        terminal.Type("kill -KILL %1; exec true");
    }

    [Test]
    public void CtrlZ_StopsTheWholeJob_AndFgGoesOn()
    {
        using var terminal = new Terminal(_home);
        terminal.Type("$orca exec work sh -c 'echo in; sleep 3; echo over'").See("in");
        terminal.Press("C-z").See("^Z[1] + Stopped");
        terminal.Type("fg").See("over");
        terminal.LeftExec();
    }

    [Test]
    public void Pipes_AreNoTerminal()
    {
        using var terminal = new Terminal(_home);
        terminal.Type("echo typed | $orca exec -i work sh -c 'test -t 0 || cat' | tr a-z A-Z").See("TYPED");
        terminal.See("host>").Type("$orca exec -t work true < /dev/null; s=$?; echo; echo status $s").See("status 0");
    }

    [Test]
    public void SecondTerminal_SeesTheFirst()
    {
        using var first = new Terminal(_home);
        using var second = new Terminal(_home);
        first.Type("$orca exec work sh").See("#");
        second.Type("$orca exec work sh").See("#");
        first.Type("echo word > /tmp/note; tty").See("/dev/pts/0");
        second.Type("cat /tmp/note; tty").See("word").See("/dev/pts/1");
        first.Type("exit");
        second.Type("exit").LeftExec();
    }
}
