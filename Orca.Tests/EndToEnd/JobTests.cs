using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Runs as jobs of a shell at a terminal: in the background, suspended, beside other readers of the same keyboard.</summary>
[Category("EndToEnd")]
public sealed class JobTests
{
    private Home _home = null!;
    private Terminal _terminal = null!;

    [OneTimeSetUp]
    public void Pull()
    {
        _home = new Home();
        _home.Orca("pull", World.Busybox).Run().Succeeds();
    }

    [OneTimeTearDown]
    public void Remove() => _home.Dispose();

    [SetUp]
    public void Open() => _terminal = new Terminal(_home);

    [TearDown]
    public void Close() => _terminal.Dispose();

    [Test]
    public void Background_WithoutReading_Runs() =>
        _terminal.Type($"$orca run {World.Busybox} sh -c 'echo; echo back-$((40+2))' &").See("back-42");

    /// <summary>timeout(1) makes a process group of its own, which is in the background.</summary>
    [Test]
    public void Background_BelowTimeout_Runs() =>
        _terminal.Type($"timeout 60 $orca run {World.Busybox} echo timed-$((40+2)); echo status-$?").See("timed-42").See("status-0");

    [Test]
    public void Background_ThatReads_IsStopped_AndReadsInTheForeground()
    {
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash");
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} sh -c 'head -n 1 | sed s/^/got-/' &");
        _terminal.Type("until jobs | grep Stopped; do sleep 0.1; done").See("[1]+  Stopped");
        _terminal.Type("fg").See("$orca run").Type("text").See("got-text").Ended();
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    [Test]
    public void Background_ThatSetsModes_IsStopped() =>
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash")
            .Type($"$orca run {World.Busybox} stty -echo &").Type("until jobs | grep Stopped; do sleep 0.1; done").See("[1]+  Stopped");

    [Test]
    public void Suspend_OfAPipeline_GivesTheShellBack()
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 1000.41 | cat; echo status-$?").Running("sleep 1000.41").Press("C-z");
        _terminal.Type("echo; echo shell-$((40+2))").See("shell-42");
        Assert.That(World.Eventually(() => State("sleep 1000.41") == 'T'), "the command is stopped, too");
        _terminal.Type("fg").See("${orca} run");
        Assert.That(World.Eventually(() => State("sleep 1000.41") == 'S'), "the command goes on");
        _terminal.Press("C-c").Ended();
    }

    [Test]
    public void Suspend_OfARunOnATerminal_GivesTheShellBack()
    {
        Record("before");
        _terminal.Type($"$orca run {World.Busybox} sleep 1000.42").Running("sleep 1000.42").Press("C-z");
        _terminal.Type("echo; echo shell-$((40+2))").See("shell-42");
        Assert.That(State("sleep 1000.42"), Is.EqualTo('T'));
        Record("after");
        _home.Shell("cmp before after").Succeeds();
        _terminal.Type("fg").See("${orca} run");
        Assert.That(World.Eventually(() => State("sleep 1000.42") == 'S'), "the command goes on");
        _terminal.Press("C-c").Ended().Type("echo status $?").See("status 130");
    }

    [Test]
    public void Redirection_OfOneStream_IsSeen() =>
        _terminal.Type($"$orca run {World.Busybox} sh -c 'echo out; echo err >&2' 2>errors; sed s/^/file-/ errors").See("out").See("file-err");

    [Test]
    public void Keyboard_IsThePagers_AndNothingWaitsForIt()
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 1.43 | sh -c 'read x </dev/tty; echo got-$x'").Running("sleep 1.43");
        _terminal.Type("text").See("got-text").Type("echo; echo shell-$((40+2))").See("shell-42");
    }

    [Test]
    public void Keyboard_AskedFor_IsRead() =>
        _terminal.Type($"$orca run -i {World.Busybox} sh -c 'head -n 1 | sed s/^/got-/' | cat").Running("sed s/^/got-/").Type("text").See("got-text");

    /// <summary>The first line is in the container's terminal; what comes while it stays unread is the shell's.</summary>
    [Test]
    public void TypedAhead_WhileNothingIsRead_IsTheShells()
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 2.44").Running("sleep 2.44");
        _terminal.Type("one").See("one").Type("echo; echo two-$((40+2))").Type("echo; echo three-$((40+3))").See("two-42").See("three-43");
    }

    [TestCase("C-c", 130)]
    [TestCase("C-\\", 131)]
    public void Interrupt_BehindWhatIsTypedAhead_ReachesTheCommand(string key, int status)
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 1000.45; s=$?; echo; echo status $s").Running("sleep 1000.45");
        _terminal.Type("one").See("one");
        Assert.That(World.Eventually(() =>
        {
            _terminal.Press(key);
            return World.Processes("sleep 1000.45").Count == 0;
        }));
        _terminal.See($"status {status}");
    }

    [Test]
    public void RawTerminalOutside_IsCookedInside() =>
        _terminal.Type($"stty raw -echo; $orca run {World.Busybox} sh -c \"stty -a | tr ' ;' '\\n\\n' | grep -qx icanon && echo cooked-\\$((40+2))\"; stty sane").See("cooked-42");

    [TestCase("0.5", "1.5")]
    [TestCase("1.5", "0.5")]
    public void TwoRuns_AtOneTerminal_LeaveItAsItWas(string first, string second)
    {
        Record("before");
        _terminal.Type(
            $"sh -c '$orca run -it {World.Busybox} sleep {first} </dev/tty & $orca run -it {World.Busybox} sleep {second}; wait'; echo both-$((40+2))").See("both-42");
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    private static char? State(string line)
    {
        foreach (var process in World.Processes(line).Where(process => World.CommandLine(process) == line + " "))
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{process}/stat");
                return stat[stat.LastIndexOf(')') + 2];
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return null;
    }

    private void Record(string name) => _terminal.Type($"stty -g > {name}; echo recorded-{name}").See("recorded-" + name);
}
