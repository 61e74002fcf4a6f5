using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary><c>orca exec</c>: another command in a container that runs.</summary>
[Category("EndToEnd")]
public sealed class ExecTests
{
    private Home _home = null!;

    [SetUp]
    public void MakeHome() => _home = new Home("exec");

    [TearDown]
    public void RemoveHome() => _home.Dispose();

    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    [TestCase("kill -9 $$", 137)]
    [TestCase("kill -15 $$", 143)]
    public void Status_IsTheCommands(string script, int status)
    {
        using var container = Stand();
        _home.Orca("exec", "work", "sh", "-c", script).Run().Ends(status);
    }

    [Test]
    public void Command_HasWhatTheContainersHas_AndWhatIsAskedFor()
    {
        using var container = Stand("-e", "A=1", "-e", "B=1", "-w", "/tmp", "-h", "here");
        _home.Orca("exec", "work", "sh", "-c", "echo $A $B $HOSTNAME $PWD; hostname; id -u; cat /first").Run().Prints("1 1 here /tmp\nhere\n0\nfirst");
        _home.Orca("exec", "-e", "B=2", "--env", "C=3", "-w", "/etc", "work", "sh", "-c", "echo $A $B $C $PWD").Run().Prints("1 2 3 /etc");
        var file = _home.Write("vars", "D=4\n# none\n");
        _home.Orca("exec", "--env-file", file, "work", "sh", "-c", "echo $D").Run().Prints("4");
        _home.Orca("exec", "work", "cat").Input("typed\n"u8.ToArray()).Run().Prints("typed");
        _home.Orca("exec", "work", "sh", "-c", "echo out; echo err >&2").Run().Complains("err").Prints("out");
    }

    [TestCase("5:60", "5 60")]
    [TestCase("games", "5 60")]
    [TestCase("www-data:games", "33 60")]
    [TestCase("1234", "1234 0")]
    public void User_IsOneOfTheContainers(string user, string ids)
    {
        using var container = StandIn(World.Debian);
        _home.Orca("exec", "-u", user, "work", "sh", "-c", "echo $(id -u) $(id -g); touch /tmp/f && grep CapEff /proc/self/status; grep -c 'Seccomp:.2' /proc/self/status")
            .Run().Prints($"{ids}\nCapEff:\t0000000000000000\n1");
    }

    [Test]
    public void Container_OfAnotherUser_HasCommandsOfThat_AndOfRoot()
    {
        using var container = StandIn(World.Debian, "-u", "games");
        _home.Orca("exec", "work", "sh", "-c", "id -un; id -gn").Run().Prints("games\ngames");
        _home.Orca("exec", "-u", "0", "work", "sh", "-c", "id -u; chown 5:5 /tmp && echo done; busybox mount -t tmpfs t /mnt 2>/dev/null || echo no").Run().Prints("0\ndone\nno");
    }

    [Test]
    public void Program_ThatGivesUpRoot_BecomesItsUser()
    {
        using var container = StandIn(World.Debian);
        _home.Orca("exec", "work", "setpriv", "--reuid=games", "--regid=games", "--clear-groups", "sh", "-c", "id -un; grep CapEff /proc/self/status").Run().Prints("games\nCapEff:\t0000000000000000");
        _home.Orca("exec", "work", "su", "-s", "/bin/sh", "www-data", "-c", "id -un").Run().Prints("www-data");
    }

    [Test]
    public void Words_AreDockers()
    {
        _home.Orca("exec", "none", "true").Run().Ends(125).Complains("there is none of that name");
        _home.Orca("exec", "none").Run().Ends(125);
        _home.Orca("run", "--name", "work", World.Busybox, "true").Run().Succeeds();
        _home.Orca("exec", "work", "true").Run().Ends(125).Complains("it does not run");
        using var container = Stand();
        _home.Orca("exec", "work", "nonesuch").Run().Ends(127).Complains("cannot start 'nonesuch': not found in PATH");
        _home.Orca("exec", "work", "/etc").Run().Ends(126);
        _home.Orca("exec", "-u", "nobody-here", "work", "true").Run().Ends(125).Complains("has no user 'nobody-here'");
        _home.Orca("exec", "-w", "/none", "work", "true").Run().Ends(125).Complains("change directory to '/none'");
        _home.Orca("exec", "--privileged", "work", "true").Run().Ends(125).Complains("was given up for good");
        _home.Orca("plan", "--exec", "work", "true").Run().Succeeds();
    }

    [Test]
    public void EphemeralContainer_IsJoinedByItsName()
    {
        using var container = _home.Orca("run", "--cidfile", "id", World.Busybox, "sh", "-c", "echo up; exec sleep 7701.1").Start().Until("up");
        _home.Shell("$orca exec $(cat id) sh -c 'ps | grep -c \"[s]leep 7701\"'").Prints("1");
    }

    [Test]
    public void Detached_RunsOn_AndEndsWithTheContainer()
    {
        using (Stand())
        {
            _home.Orca("exec", "-d", "work", "sh", "-c", "echo > /mark; exec sleep 7702.1").Run().Prints(string.Empty);
            Assert.That(World.Runs("sleep 7702.1"), Is.True);
            _home.Orca("exec", "-d", "work", "nonesuch").Run().Ends(127);
        }

        Assert.That(World.Eventually(() => World.Processes("sleep 7702").Count == 0), Is.True);
    }

    [Test]
    public void Killed_TakesItsProcessesAlong_AndLeavesTheContainer()
    {
        using var container = Stand();
        using (var exec = _home.Orca("exec", "work", "sh", "-c", "sleep 7703.1 & setsid sleep 7703.2 & echo in; exec sleep 7703.3").Start().Until("in"))
        {
            Thread.Sleep(300); // the keeper has taken over
            World.Kill("KILL", exec.Id);
            exec.Wait(20);
        }

        Assert.That(World.Eventually(() => World.Processes("sleep 7703").Count == 0), Is.True);
        _home.Orca("exec", "work", "echo", "well").Run().Prints("well");
    }

    [Test]
    public void KilledAtAnyMoment_LeavesNothing()
    {
        using var container = Stand();
        for (var delay = 0; delay < 20; delay++)
        {
            using var exec = _home.Orca("exec", "work", "sleep", "7704.1").Start();
            Thread.Sleep(delay);
            World.Kill("KILL", exec.Id);
            exec.Wait(20);
        }

        Assert.That(World.Eventually(() => World.Processes("7704.1").Count == 0), Is.True);
        Assert.That( // the init, and what stands beside this very command; who reaps for the host may take its time
            World.Eventually(() => _home.Orca("exec", "work", "sh", "-c", "ps | grep -c '[o]rca-'").Run().Output == "2\n"), Is.True);
    }

    [Test]
    public void Signals_AreTheCommands()
    {
        using var container = Stand();
        using var exec = _home.Orca("exec", "work", "sh", "-c", "trap 'echo asked; exit 9' TERM; echo in; while :; do sleep 0.05; done").Start().Until("in");
        Thread.Sleep(300);
        World.Kill("TERM", exec.Id);
        exec.Wait(20).Ends(9);
    }

    [Test]
    public void ContainerThatEnds_EndsTheCommand()
    {
        using var container = Stand();
        using var exec = _home.Orca("exec", "work", "sh", "-c", "echo in; exec sleep 7705.1").Start().Until("in");
        World.Kill("KILL", container.Id);
        exec.Wait(20).Ends(137);
    }

    /// <summary>Whatever moment a container ends at, a command that joins it runs, or is told that it has ended.</summary>
    [Test]
    public void ContainerThatIsJustEnding_IsAnError_OrNone()
    {
        for (var i = 0; i < 10; i++)
        {
            using var container = Stand();
            World.Kill("TERM", container.Id);
            for (var j = 0; j < 4; j++)
            {
                var outcome = _home.Orca("exec", "work", "true").Run();
                Assert.That(outcome.Status, Is.AnyOf(0, 125, 137), outcome.Errors);
                Assert.That(outcome.Errors, Does.Not.Contain("step ").Or.Contain("EPERM"), "not yet told: a process without memory, but no zombie yet, refuses with EPERM");
            }

            container.Wait(20);
        }
    }

    [TestCase("--init=false")]
    [TestCase("--network", "none")]
    [TestCase("--pid", "host")]
    [TestCase("--ipc", "host")]
    [TestCase("--read-only")]
    public void Container_OfAnyKind_IsJoined(params string[] options)
    {
        using var container = Stand(options);
        _home.Orca("exec", "work", "sh", "-c", "exit $(wc -l < /proc/self/uid_map)").Run().Ends(1);
        var inside = _home.Orca("exec", "work", "sh", "-c", "for n in user mnt pid net ipc uts cgroup; do readlink /proc/self/ns/$n; done").Run().Succeeds().Output;
        Assert.That(_home.Orca("exec", "work", "sh", "-c", "cat /namespaces /tmp/namespaces 2>/dev/null; true").Run().Output, Is.EqualTo(inside));
    }

    [Test]
    public void HostsProcesses_AreLeftAlone_WhenTheContainerEnds()
    {
        using var container = Stand("--pid", "host");
        using var exec = _home.Orca("exec", "work", "sh", "-c", "setsid sleep 7706.1 & echo in; exec sleep 7706.2").Start().Until("in");
        _home.Orca("exec", "-u", "33", "work", "true").Run().Ends(125).Complains("sees the processes of the host");
        World.Kill("KILL", container.Id);
        exec.Wait(20).Ends(137);
        Assert.That(World.Eventually(() => World.Processes("sleep 7706").Count == 0), Is.True);
    }

    [TestCase("/link-out")]
    [TestCase("/proc/self/cwd/../../../../..")]
    [TestCase("/proc/1/root/../..")]
    [TestCase("/proc/1/cwd")]
    [TestCase("/proc/self/fd/7")]
    [TestCase("/proc/self/fd/8/..")]
    public void Cve_2024_21626_WorkingDirectory_IsInside(string directory)
    {
        using var container = Stand();
        var victim = _home.Write("victim", "of the host\n");
        _home.Orca("exec", "work", "sh", "-c", "ln -s ../../../../../../.. /link-out").Run().Succeeds();
        var outcome = _home.Orca("exec", "-w", directory, "work", "sh", "-c", $"echo in; cat ..{victim} ../..{victim} ../../../../../../../../..{victim} 2>/dev/null").Run();
        Assert.That(outcome.Status == 125 || outcome.Output == "in\n", Is.True, outcome.Output + outcome.Errors);
    }

    /// <summary>The container decides what its shell, its users and its devices are, and nobody else's.</summary>
    [Test]
    public void Container_ThatHasReplacedWhatIsUsed_DecidesForItselfAlone()
    {
        using var container = Stand();
        var victim = _home.Write("victim", "host\n");
        const string replace = """
            rm -f /etc/passwd /etc/group; ln -s /proc/self/environ /etc/passwd; mkfifo /etc/group
            rm /dev/ptmx /dev/fd /dev/stdin; mkfifo /dev/ptmx; ln -s /nowhere /dev/fd
            rm /bin/sh; printf '#!/bin/busybox sh\nexec /bin/busybox echo mine "$@"\n' > /bin/sh; chmod 755 /bin/sh
            """;
        _home.Orca("exec", "work", "busybox", "sh", "-c", replace).Run();
        _home.Orca("exec", "work", "sh", "one").Within(20).Run().Prints("mine one");
        _home.Orca("exec", "-d", "work", "busybox", "true").Within(20).Run().Succeeds();
        _home.Orca("exec", "-u", "7:8", "work", "busybox", "id", "-u").Within(20).Run().Prints("7");
        Assert.That(File.ReadAllText(victim), Is.EqualTo("host\n"));
    }

    [Test]
    public void HostilePasswd_GivesNumbersAtMost()
    {
        using var container = Stand();
        _home.Orca("exec", "work", "sh", "-c", "printf 'root:x:4294967295:0:::\\nx:x:-1:0::/:\\ny:x:77:88::/etc/../../..:/bin/sh\\n\\0\\n' > /etc/passwd").Run().Succeeds();
        _home.Orca("exec", "-u", "y", "work", "sh", "-c", "echo $(id -u):$(id -g)").Run().Prints("77:88");
        _home.Orca("exec", "-u", "x", "work", "true").Run().Ends(125);
        _home.Orca("exec", "-u", "root", "work", "true").Run().Ends(125);
    }

    /// <summary>CVE-2016-9962, CVE-2019-5736, CVE-2024-21626 and their like: whoever comes in has nothing of the host's, at no moment.</summary>
    [TestCase(null)]
    [TestCase("SYS_PTRACE")]
    public void Cve_2016_9962_NothingOfThoseThatComeIn_CanBeGot(string? capability)
    {
        var peeker = Path.Combine(World.Root, "peeker");
        World.Tool("clang", "-Wall", "-Wextra", "-Werror", "-O1", "-static", "-o", peeker, Fixture.Script("peeker.c")).Succeeds();
        var secret = _home.Write("secret", "of the host\n");
        var count = TestSwitches.IsLong ? 10_000 : 1_000;
        string[] options = capability is null ? [] : ["--cap-add", capability];
        using var container = _home.Orca(["run", "--name", "work", .. options, "-v", peeker + ":/peeker:ro", World.Busybox, "/peeker", secret.TrimStart('/'), "1"]).Start().Until("looking");
        _home.Program("sh", "-c", $"for k in 1 2; do (i=0; while [ $((i += 1)) -le {count / 2} ]; do $orca exec work true || echo failed; done) & done; wait")
            .With("orca", World.Binary).Within(1200).Run().Prints(string.Empty);
        container.Input.Dispose();
        Assert.That(container.Wait(60).Output, Is.EqualTo("looking\nlooked often, saw orca\n"));
    }

    [Test]
    public void ManyAtOnce_LoseNothing()
    {
        using var container = Stand();
        var outcome = _home.Shell("for i in $(seq 64); do $orca exec work sh -c 'echo $0; exit $0' $i > out.$i & p=\"$p $!\"; done; for i in $p; do wait $i; echo $? >> codes; done; paste -sd' ' codes; cat out.* | sort -n | paste -sd' '");
        var numbers = string.Join(' ', Enumerable.Range(1, 64));
        outcome.Prints($"{numbers}\n{numbers}");
    }

    /// <summary>72 KiB beside the command at most, 60 where the keeper has printed nothing: the keeper on the host, and what stands beside the command inside.</summary>
    [Test]
    public void Command_ThatStands_TakesNoMemory()
    {
        using var container = Stand();
        using var exec = _home.Orca("exec", "work", "sleep", "7707.1").Start();
        Assert.That(World.Runs("sleep 7707.1"), Is.True);
        var inside = World.Eventually(() => World.CommandLine(exec.Id).Length > 0 && Weight(exec.Id) < 60, 5) ? Weights() : [];
        Assert.That(Weight(exec.Id) + inside.Sum(), Is.LessThanOrEqualTo(76), $"{Weight(exec.Id)} and {string.Join(' ', inside)}");

        static List<int> Weights() => [.. System.Diagnostics.Process.GetProcesses().Where(static one => one.ProcessName == "orca-exec").Select(static one => Weight(one.Id))];
    }

    private static int Weight(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(static line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return int.MaxValue / 2;
        }
    }

    private Running Stand(params string[] options) => StandIn(World.Busybox, options);

    private Running StandIn(string image, params string[] options)
    {
        var (place, writable) = options.Contains("--read-only") ? ("/tmp", (string[])["--tmpfs", "/tmp"]) : (string.Empty, []);
        var script = $"echo first > {place}/first; for n in user mnt pid net ipc uts cgroup; do readlink /proc/self/ns/$n >> {place}/namespaces; done; echo up; exec sleep 1000";
        return _home.Orca(["run", "--name", "work", .. options, .. writable, image, "sh", "-c", script]).Start().Until("up");
    }
}
