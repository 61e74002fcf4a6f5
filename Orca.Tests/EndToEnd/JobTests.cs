using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Runs as jobs of a shell at a terminal: in the background, suspended, beside other readers of the same keyboard.</summary>
[Category("EndToEnd")]
public sealed class JobTests
{
    /// <summary>For bash, which tells of a stopped job by itself, too: what ends the loop must be seen, or it goes on when the terminal is closed.</summary>
    private const string UntilStopped = "until jobs | grep -q Stopped; do sleep 0.1; done; echo is-stopped";
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
        _terminal.Type(UntilStopped).See("is-stopped");
        _terminal.Type("fg").See("$orca run").Type("text").See("got-text").Ended();
        Record("after");
        _home.Shell("cmp before after").Succeeds();
    }

    /// <summary>A pipe stands in for the terminal where '-i' is given alone.</summary>
    [TestCase("")]
    [TestCase("-i")]
    [TestCase("-it")]
    public void Background_ThatWaitsForKeys_IsStopped_AndIsStoppedAgain(string options)
    {
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash");
        _terminal.Type($"$orca run {options} {World.Busybox} cat &").Type(UntilStopped).See("is-stopped");
        _terminal.Type("clear; bg; sleep 0.5; " + UntilStopped).See("is-stopped");
        _terminal.Type("fg").See("$orca run").Type("text-in").See("text-in").Press("C-d").Ended();
    }

    [TestCase("-i")]
    [TestCase("-it")]
    public void Background_ThatMayReadAndDoesNot_Runs(string options)
    {
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash");
        _terminal.Type($"$orca run {options} {World.Busybox} sh -c 'sleep 1; echo; echo back-$((40+2))' &").See("back-42");
        _terminal.Type($"clear; timeout 60 $orca run {options} {World.Busybox} sh -c 'echo timed-$((40+2))'; echo status-$?").See("timed-42").See("status-0");
    }

    /// <summary>Any thread of any process below the command, by any descriptor.</summary>
    [Test]
    public void Background_WhoseGrandchildReads_IsStopped() =>
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash")
            .Type($"$orca run -i {World.Busybox} sh -c 'exec 7<&0 </dev/null; (head -n 1 <&7 | sed s/^/got-/) & wait' &")
            .Type(UntilStopped).See("is-stopped").Type("fg").See("$orca run").Type("text").See("got-text");

    [Test]
    public void Background_WhoseOutputHasStoppedIt_IsNotStoppedOnceThatIsOff() =>
        _terminal.Type("bash --norc").Type("stty tostop; echo in-bash").See("in-bash")
            .Type($"$orca run {World.Busybox} sh -c 'for i in 1 2 3; do echo; echo line-$i; sleep 0.3; done; echo end-$((40+2))' &")
            .Type(UntilStopped).See("is-stopped").Type("stty -tostop; clear; bg").See("line-3").See("end-42");

    [Test]
    public void Background_ThatSetsModes_IsStopped() =>
        _terminal.Type("bash --norc").Type("echo in-bash").See("in-bash")
            .Type($"$orca run {World.Busybox} stty -echo &").Type(UntilStopped).See("is-stopped");

    [Test]
    public void Suspend_OfAPipeline_GivesTheShellBack()
    {
        _terminal.Type($"$orca run {World.Busybox} sleep 1000.41 | cat; echo status-$?").Running("sleep 1000.41").Press("C-z");
        Stops();
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
        Stops();
        _terminal.Type("echo; echo shell-$((40+2))").See("shell-42");
        Assert.That(State("sleep 1000.42"), Is.EqualTo('T'));
        Record("after");
        _home.Shell("cmp before after").Succeeds();
        _terminal.Type("fg").See("${orca} run");
        Assert.That(World.Eventually(() => State("sleep 1000.42") == 'S'), "the command goes on");
        _terminal.Press("C-c").Ended().Type("echo status $?").See("status 130");
    }

    /// <summary>A container that stops itself has no business with the script that runs it, nor with who else is in its job.</summary>
    [TestCase("STOP")]
    [TestCase("TSTP")]
    public void Stop_ByTheCommandItself_StopsNobodyElse(string signal)
    {
        _terminal.Type($"$orca run -it {World.Busybox} sh -c 'kill -{signal} $$; sleep 1000.47'; echo shell-$((40+2))").See("shell-42");
        _terminal.Type("kill -KILL %1").Ended();
        Script("script", $"sleep 1000.48 &\n$orca run -it {World.Busybox} sh -c 'sleep 0.3; kill -{signal} $$; sleep 1000.49'\n");
        _terminal.Type("./script").Running("sleep 1000.48");
        Stops();
        Assert.That(State("sleep 1000.48"), Is.EqualTo('S'), "the script's other program runs");
        _terminal.Press("C-z").Type("clear; echo again-$((40+2))").See("again-42");
        Assert.That(World.Eventually(() => State("sleep 1000.48") == 'T'), "the user stops all of the job");
        _terminal.Type("kill -KILL %./script").Ended();
    }

    [Test]
    public void Suspend_OfAScript_GivesTheShellBack()
    {
        Script("script", $"$orca run -it {World.Busybox} sleep 1000.50\n");
        _terminal.Type("./script; echo status-$?").Running("sleep 1000.50").Press("C-z");
        Stops();
        _terminal.Type("echo; echo shell-$((40+2))").See("shell-42").Type("fg").See("./script");
        Assert.That(World.Eventually(() => State("sleep 1000.50") == 'S'), "the command goes on");
        _terminal.Press("C-c").Ended();
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

    /// <summary>Lines that nobody reads; keys of a program that gathers none; a line that is ended by ^D; and all in one burst, before orca has looked.</summary>
    [TestCase("C-c", 130, "stty icanon", "o", "n", "e", "Enter")]
    [TestCase("C-\\", 131, "stty icanon", "o", "n", "e", "Enter")]
    [TestCase("C-c", 130, "stty -icanon", "o")]
    [TestCase("C-c", 130, "stty icanon", "o", "n", "e", "C-d")]
    public void Interrupt_BehindWhatIsTypedAhead_ReachesTheCommand(string key, int status, string modes, params string[] keys)
    {
        foreach (var inOneBurst in new[] { false, true })
        {
            _terminal.Type($"$orca run {World.Busybox} sh -c '{modes}; exec sleep 1000.45'; s=$?; echo; echo status-{inOneBurst} $s").Running("sleep 1000.45");
            if (inOneBurst)
            {
                _terminal.Press([.. keys, key]);
            }
            else
            {
                _terminal.Press(keys).See("o").Press(key);
            }

            _terminal.See($"status-{inOneBurst} {status}");
        }
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
            if (StateOf(process) is { } state)
            {
                return state;
            }
        }

        return null;
    }

    /// <summary>Waits until orca is stopped: what is typed before comes into a terminal without modes for lines.</summary>
    private static void Stops() =>
        Assert.That(World.Eventually(static () => World.Processes(World.Binary + " run").Any(static process => StateOf(process) == 'T')), "orca is stopped");

    /// <summary>Null when it has ended.</summary>
    private static char? StateOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Script(string name, string text)
    {
        _home.Write(name, "#!/bin/sh\n" + text);
        _home.Shell($"chmod 755 {name}").Succeeds();
    }

    private void Record(string name) => _terminal.Type($"stty -g > {name}; echo recorded-{name}").See("recorded-" + name);
}
