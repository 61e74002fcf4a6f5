using System.Diagnostics;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Containers that outlive the command line which started them.</summary>
[Category("EndToEnd")]
public sealed class DetachedTests
{
    [Test]
    public void Detached_PrintsItsName_AndIsListedUntilItIsStopped()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "web", World.Busybox, "sleep", "100").Run().Prints("web");
        Assert.That(home.Orca("ps").Run().Succeeds().Output, Does.Contain("web").And.Contain("Up "));
        home.Orca("stop", "-t", "1", "web").Run().Prints("web");
        Assert.That(home.Orca("ps").Run().Succeeds().Output, Does.Not.Contain("web"));
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Contain("Exited (143)"));
        home.Orca("rm", "web").Run().Prints("web");
    }

    [Test]
    public void Detached_WithoutAName_GetsOne()
    {
        using var home = new Home();
        var name = home.Orca("run", "-d", World.Busybox, "sh", "-c", "exit 3").Run().Succeeds().Output.Trim();
        Assert.That(name, Does.Match("^[0-9a-f]{12}$"));
        home.Orca("wait", name).Run().Prints("3");
        home.Orca("rm", name).Run().Prints(name);
    }

    [Test]
    public void Detached_WithRm_GoesWithItsEnd_AndItsStatusIsStillTold()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--rm", "--name", "job", World.Busybox, "sh", "-c", "sleep 1; exit 5").Run().Prints("job");
        home.Orca("wait", "job").Run().Prints("5");
        Assert.That(World.Eventually(() => home.Orca("ps", "-aq").Run().Succeeds().Output.Length == 0, 10));
    }

    [Test]
    public void Detached_CommandThatIsMissing_SaysSoAtOnce()
    {
        using var home = new Home();
        Assert.That(home.Orca("run", "-d", "--name", "web", World.Busybox, "no-such-program").Run().Ends(127).Errors, Does.Contain("no-such-program"));
        Assert.That(home.Orca("ps").Run().Succeeds().Output, Does.Not.Contain("web"));
    }

    /// <summary>A shell that reads the output of 'run -d' waits for its end: nothing that stays may have it open.</summary>
    [Test]
    public void Detached_LetsGoOfTheCallersStreams()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        var began = Stopwatch.GetTimestamp();
        home.Shell("exec 3>&1; name=$($orca run -d --name web " + World.Busybox + " sleep 60 2>&1); echo \"<$name>\"").Prints("<web>");
        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(30)));
        home.Orca("rm", "-f", "web").Run().Succeeds();
    }

    [Test]
    public void Logs_AreBothStreams_AndStayAfterTheEnd()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "job", World.Busybox, "sh", "-c", "echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three").Run().Succeeds();
        home.Orca("wait", "job").Run().Prints("0");
        var logs = home.Orca("logs", "job").Run().Succeeds();
        Assert.That((logs.Output, logs.Errors), Is.EqualTo(("one\nthree\n", "two\n")));
        Assert.That(home.Orca("logs", "--tail", "1", "job").Run().Succeeds().Output, Is.EqualTo("three\n"));
        Assert.That(home.Orca("logs", "-t", "job").Run().Succeeds().Lines[0], Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one$"));
        Assert.That(home.Orca("logs", "--since", "1h", "--until", "1m", "job").Run().Succeeds().Output, Is.Empty);
        Assert.That(home.Orca("logs", "no-such").Run().Ends(1).Errors, Does.Contain("no-such"));
    }

    [Test]
    public void Logs_Followed_EndWithTheContainer()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "job", World.Busybox, "sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.2; done").Run().Succeeds();
        home.Orca("logs", "-f", "job").Run().Prints("1\n2\n3\n4\n5");
    }

    /// <summary>More than both halves of the log hold: the last lines are there, and all of them in order.</summary>
    [Test]
    public void Logs_AreLimited_AndKeepTheNewest()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "job", World.Busybox, "awk", "BEGIN { for (i = 1; i <= 600000; i++) printf \"a rather long line of a log, number %08d\\n\", i }").Within(120).Run().Succeeds();
        home.Orca("wait", "job").Within(120).Run().Prints("0");
        var lines = home.Orca("logs", "job").Within(60).Run().Succeeds().Lines;
        Assert.That(lines[^1], Does.EndWith("00600000"));
        Assert.That(lines, Has.Length.InRange(100_000, 500_000));
        var numbers = lines.Skip(1).Select(static line => int.Parse(line[^8..], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.That(numbers.Zip(numbers.Skip(1)).All(static pair => pair.Second == pair.First + 1));
        Assert.That(home.Shell("cat .local/share/orca/containers/job/log .local/share/orca/containers/job/log.1 | wc -c").Succeeds().Output.Trim(), Has.Length.LessThanOrEqualTo(8));
    }

    [Test]
    public void Stop_OfACommandThatDoesNotEnd_KillsIt()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "deaf", World.Busybox, "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done").Run().Succeeds();
        home.Orca("stop", "-t", "1", "deaf").Run().Prints("deaf");
        home.Orca("wait", "deaf").Run().Prints("137");
        home.Orca("stop", "deaf").Run().Prints("deaf");
        Assert.That(home.Orca("stop", "no-such").Run().Ends(1).Errors, Does.Contain("no-such"));
    }

    [Test]
    public void Stop_SendsTheSignalThatWasAskedFor()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "job", "--stop-signal", "USR1", World.Busybox, "sh", "-c", "trap 'exit 7' USR1; while :; do sleep 0.1; done").Run().Succeeds();
        home.Orca("stop", "job").Run().Succeeds();
        home.Orca("wait", "job").Run().Prints("7");
    }

    [Test]
    public void Kill_SendsASignal_AndOnlyToWhatRuns()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "job", World.Busybox, "sh", "-c", "trap 'exit 9' HUP; while :; do sleep 0.1; done").Run().Succeeds();
        home.Orca("kill", "-s", "HUP", "job").Run().Prints("job");
        home.Orca("wait", "job").Run().Prints("9");
        home.Orca("kill", "job").Run().Ends(1);
        home.Orca("start", "job").Run().Prints("job");
        home.Orca("kill", "job").Run().Prints("job");
        home.Orca("wait", "job").Run().Prints("137");
    }

    [Test]
    public void Start_RunsTheSameCommandAgain_WithItsChanges()
    {
        using var home = new Home();
        home.Orca("create", "--name", "count", World.Busybox, "sh", "-c", "echo x >>/n; wc -l </n; sleep 100").Run().Prints("count");
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Contain("Created"));
        home.Orca("start", "count").Run().Prints("count");
        home.Orca("start", "count").Run().Prints("count");
        home.Orca("restart", "-t", "0", "count").Run().Prints("count");
        Assert.That(World.Eventually(() => home.Orca("logs", "count").Run().Output == "1\n2\n", 10));
        home.Orca("rm", "-f", "count").Run().Succeeds();
        Assert.That(home.Orca("start", "count").Run().Ends(1).Errors, Does.Contain("no such container"));
    }

    [Test]
    public void Start_Attached_IsTheCommandsStreamsAndStatus()
    {
        using var home = new Home();
        home.Orca("create", "-i", "--name", "job", World.Busybox, "sh", "-c", "cat; exit 4").Run().Succeeds();
        Assert.That(home.Orca("start", "-ai", "job").Input("hello\n"u8.ToArray()).Run().Ends(4).Output, Is.EqualTo("hello\n"));
        home.Orca("run", "-d", "--name", "job", World.Busybox, "sleep", "100").Run().Succeeds();
        home.Orca("start", "-a", "job").Run().Ends(1);
        home.Orca("rm", "-f", "job").Run().Succeeds();
    }

    [Test]
    public void Attach_ShowsWhatIsPrinted_TakesInput_AndExitsAsTheCommand()
    {
        using var home = new Home();
        home.Orca("run", "-di", "--name", "echo", World.Busybox, "sh", "-c", "while read line; do echo \"got $line\"; [ $line = end ] && exit 6; done").Run().Succeeds();
        Assert.That(home.Orca("attach", "echo").Input("one\nend\n"u8.ToArray()).Run().Ends(6).Output, Is.EqualTo("got one\ngot end\n"));
        home.Orca("attach", "echo").Run().Ends(1);
    }

    [TestCase("TERM")]
    [TestCase("HUP")]
    [TestCase("INT")]
    [TestCase("QUIT")]
    public void AttachedTerminal_IsAsItWas_WhenASignalEndsAttach(string signal)
    {
        using var home = new Home();
        home.Orca("run", "-dit", "--name", "shell", World.Busybox, "sh").Run().Succeeds();
        using var terminal = new Terminal(home);
        terminal.Type("stty -g > before; $orca attach shell").Type("echo $((40+2))").See("42");
        World.Kill(signal, World.Processes($"{World.Binary} attach").Single());
        terminal.See("host>").Type("stty -g | cmp - before && echo cooked").See("cooked");
        home.Orca("rm", "-f", "shell").Run().Succeeds();
    }

    /// <summary>podman's Pid is the container's first process; 'processId' is the keeper's.</summary>
    [Test]
    public void Pid_IsTheSame_OfPsAndInspect()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "web", World.Busybox, "sleep", "100.7").Run().Succeeds();
        var listed = home.Orca("ps", "--format", "{{.Pid}}").Run().Succeeds().Output;
        Assert.That(home.Orca("inspect", "--format", "{{.State.Pid}}", "web").Run().Succeeds().Output, Is.EqualTo(listed));
        Assert.That(int.TryParse(listed, System.Globalization.CultureInfo.InvariantCulture, out var process) && process > 0, listed);
        home.Orca("rm", "-f", "web").Run().Succeeds();
    }

    /// <summary>systemd starts a unit without the variables of the shell in which it was printed.</summary>
    [Test]
    public void Unit_NamesAStore_ThatAVariableHasChosen()
    {
        using var home = new Home();
        home.Orca("--root", "elsewhere", "create", "--name", "web", World.Busybox, "true").Run().Succeeds();
        var place = $"--root \"{home.Directory}/elsewhere\" start -a web";
        Assert.That(home.Orca("unit", "web").With("ORCA_ROOT", home.Directory + "/elsewhere").Run().Succeeds().Output, Does.Contain(place));
        Assert.That(home.Orca("--root", "elsewhere", "unit", "web").Run().Succeeds().Output, Does.Contain(place));
        home.Orca("create", "--name", "web", World.Busybox, "true").Run().Succeeds();
        Assert.That(home.Orca("unit", "web").Run().Succeeds().Output, Does.Not.Contain("--root"));
    }

    [Test]
    public void Keeper_IsAlone_InASessionOfItsOwn_AndSmall()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "web", World.Busybox, "sleep", "100").Run().Succeeds();
        using var json = System.Text.Json.JsonDocument.Parse(home.Orca("ps", "--format", "json").Run().Succeeds().Output);
        var keeper = json.RootElement[0].GetProperty("processId").GetInt32();
        var line = File.ReadAllText($"/proc/{keeper}/stat");
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        Assert.That(fields[3], Is.EqualTo(keeper.ToString(System.Globalization.CultureInfo.InvariantCulture)), "its session");
        var pss = int.MaxValue; // kB; the name is printed just before the keeper takes over
        World.Eventually(() => (pss = int.Parse(World.Tool("awk", "/^Pss:/ { print $2 }", $"/proc/{keeper}/smaps_rollup").Succeeds().Output.Trim(), System.Globalization.CultureInfo.InvariantCulture)) <= 80);
        Assert.That(pss, Is.LessThanOrEqualTo(80));
        Assert.That(World.Tool("readlink", $"/proc/{keeper}/fd/0", $"/proc/{keeper}/fd/1", $"/proc/{keeper}/fd/2").Succeeds().Lines, Is.All.EqualTo("/dev/null"));
        home.Orca("rm", "-f", "web").Run().Succeeds();
        Assert.That(World.Eventually(() => !Directory.Exists($"/proc/{keeper}"), 10));
    }

    /// <summary>As after a power loss: what was written down says that it started, and nobody holds it.</summary>
    [Test]
    public void KilledKeeper_LeavesAContainerThatIsStopped_AndCanBeStarted()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "web", World.Busybox, "sleep", "100").Run().Succeeds();
        using (var json = System.Text.Json.JsonDocument.Parse(home.Orca("ps", "--format", "json").Run().Succeeds().Output))
        {
            World.Tool("kill", "-9", json.RootElement[0].GetProperty("processId").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture)).Succeeds();
        }

        Assert.That(World.Eventually(() => home.Orca("ps", "-q").Run().Succeeds().Output.Length == 0, 10));
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Contain("Exited (255)"));
        home.Orca("wait", "web").Run().Prints("255");
        home.Orca("start", "web").Run().Prints("web");
        home.Orca("rm", "-f", "web").Run().Prints("web");
    }

    [Test]
    public void Rename_KeepsTheChanges_AndRefusesWhatRuns()
    {
        using var home = new Home();
        home.Orca("run", "--name", "old", World.Busybox, "sh", "-c", "echo mine >/mark").Run().Succeeds();
        home.Orca("rename", "old", "new").Run().Succeeds();
        home.Orca("run", "--name", "new", World.Busybox, "cat", "/mark").Run().Prints("mine");
        home.Orca("rename", "old", "other").Run().Ends(1);
        home.Orca("run", "-d", "--name", "web", World.Busybox, "sleep", "100").Run().Succeeds();
        Assert.That(home.Orca("rename", "web", "net").Run().Ends(1).Errors, Does.Contain("it runs"));
        home.Orca("rename", "new", "web").Run().Ends(1);
        home.Orca("rm", "-f", "web").Run().Succeeds();
    }

    [Test]
    public void Top_AndInspect_TellWhatRuns()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "web", World.Busybox, "sh", "-c", "sleep 101 & wait").Run().Succeeds();
        Assert.That(World.Eventually(() => home.Orca("top", "web").Run().Succeeds().Output.Contains("sleep 101", StringComparison.Ordinal), 10));
        using var json = System.Text.Json.JsonDocument.Parse(home.Orca("inspect", "web").Run().Succeeds().Output);
        var state = json.RootElement[0].GetProperty("State");
        Assert.That((state.GetProperty("Status").GetString(), state.GetProperty("Pid").GetInt32() > 1), Is.EqualTo(("running", true)));
        home.Orca("rm", "-f", "web").Run().Succeeds();
        home.Orca("top", "web").Run().Ends(1);
    }

    /// <summary>Nothing is lost and nothing hangs, whoever comes first.</summary>
    [Test]
    public void ManyAtOnce_StartStopAndRemoveTheSameContainers()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Shell($$"""
            for i in $(seq 64); do
              ( n=c$((i % 8))
                case $((i % 4)) in
                0) $orca run -d --name $n {{World.Busybox}} sleep 100 ;;
                1) $orca stop -t 0 $n ;;
                2) $orca rm -f $n ;;
                3) $orca kill $n ;;
                esac ) >/dev/null 2>&1 &
            done
            wait
            """).Succeeds();
        home.Orca("rm", "-f", "-a").Within(120).Run().Succeeds();
        Assert.That(home.Orca("ps", "-aq").Run().Succeeds().Output, Is.Empty);
        Assert.That(home.Shell("ls .local/share/orca/containers .local/share/orca/staging").Lines, Has.None.StartsWith("c"));
    }
}
