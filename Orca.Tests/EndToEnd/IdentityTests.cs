using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>With one id of the host, a program that gives up root for good becomes that user (docs/identity.md).</summary>
[Category("EndToEnd")]
public sealed class IdentityTests
{
    private const string Mark = "1633907311", Marked = $"268435456,{Mark},{Mark}"; // CLONE_NEWUSER and the init's mark, twice

    private const string Entrypoint = """
        #!/bin/sh
        if [ "$(id -u)" = 0 ]; then
          mkdir -p /data; chown -R games:games /data
          exec BECOME "$0" "$@"
        fi
        touch /data/file; echo "$(id -un) $(id -gn) $(stat -c '%U %G' /data/file) $*"; exit 7
        """;

    [TestCase("setpriv --reuid=games --regid=games --clear-groups")]
    [TestCase("runuser -u games -g games --")]
    [TestCase("/identity threads 5 60")]
    [TestCase("/identity exec 5 60")]
    [TestCase("perl -e 'use POSIX; setgid(60); setuid(5); exec @ARGV'")]
    [TestCase("start-stop-daemon --start --chuid games:games --exec")]
    public void Entrypoint_ThatExecutesItselfAgain_RunsAsItsUser(string become)
    {
        var script = Entrypoint.Replace("BECOME", become, StringComparison.Ordinal);
        if (become.StartsWith("start-stop-daemon", StringComparison.Ordinal))
        {
            script = script.Replace("\"$0\" \"$@\"", "\"$0\" -- \"$@\"", StringComparison.Ordinal);
        }

        var outcome = IdentityProbe.Shell($"cat > /entry <<'E'\n{script}\nE\nchmod 755 /entry; exec /entry one two").Ends(7);
        Assert.That(outcome.Output, Is.EqualTo("games games games games one two\n"), outcome.Errors);
    }

    [TestCase("plain", "33 33 33 44 44 44\n33:44")]
    [TestCase("threads", "33:44")]
    [TestCase("keep", "33:44")]
    [TestCase("exec", "33:44")]
    [TestCase("part", "keeps 10\n33 33 33 44 44 44\n33:44", Description = "a daemon that keeps one capability and executes nothing")]
    [TestCase("spawn", "33:44\nstatus 0\n0 0 0 0 0 0", Description = "memory is shared until the exec")]
    [TestCase("brief", "0 0 0 0 0 0\n0:0", Description = "root can be had again, so it stays")]
    [TestCase("shared", "0:0\nstatus 0\n0 0 0 0 0 0", Description = "a root directory that is another's too: answered only")]
    public void Root_GivenUp_IsGone(string way, string output) =>
        IdentityProbe.Shell($"/identity {way} 33 44 sh -c 'echo $(id -u):$(id -g)'").Prints(output);

    [Test]
    public void User_HasNoCapability_AndEveryNameOfItAgrees() =>
        IdentityProbe.Shell("/identity threads 33 33 sh -c 'id; touch /tmp/f; stat -c \"%U %G\" /tmp/f; grep -E \"^(Uid|Gid|CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs)\" /proc/self/status; cat /proc/self/uid_map'")
            .Prints("""
                uid=33(www-data) gid=33(www-data) groups=33(www-data)
                www-data www-data
                Uid:	33	33	33	33
                Gid:	33	33	33	33
                CapInh:	0000000000000000
                CapPrm:	0000000000000000
                CapEff:	0000000000000000
                CapAmb:	0000000000000000
                NoNewPrivs:	1
                        33          0          1
                """);

    [TestCase("105,0 105,33 106,0 106,44 113,0,0 113,33,33 113,4294967295,33 117,33,0,33 119,44,44,44 116,0,0 105,4294967295", "-1 0 -1 0 -1 0 0 -1 0 -1 -22", TestName = "User_IsAnsweredAsByTheKernel")]
    [TestCase("92,@/tmp,0,0 92,@/tmp,33,44 92,@/tmp,4294967295,5 93,0,0,0 94,@/tmp,1,1 260,4294967196,@/tmp,7,7,0", "-1 0 0 -1 -1 -1", TestName = "User_CannotGiveFilesAway")]
    [TestCase("272,268435456 308,0,268435456 165,0,0,0,0,0 161,@/", "-1 -1 -1 -1", TestName = "User_GetsNoNamespaceMountOrRoot")]
    [TestCase("250,0,4294967293,0 248,@user,@name,@value,5,4294967293 249,@user,@name,0,4294967293", "-1 -1 -1", TestName = "User_GetsNoKeyring")]
    [TestCase($"272,{Marked} 308,0,{Marked} 308,4294967295,{Marked}", "-1 -1 -1", TestName = "User_CannotCallWhatTheInitInjects")]
    public void User_Asks(string calls, string answers)
    {
        var outcome = IdentityProbe.Shell($"/identity plain 33 44 /probe {calls}", "-v", SystemCallProbe.X64 + ":/probe:ro").Succeeds();
        Assert.That(string.Join(' ', outcome.Lines.Skip(1).Select(line => line.Split(' ')[1])), Is.EqualTo(answers));
    }

    [Test]
    public void Root_CannotCallWhatTheInitInjects_InAnyAbi()
    {
        const int x32 = 0x40000000;
        var outcome = IdentityProbe.Shell($"/probe 272,{Marked} 308,0,{Marked} 308,4294967295,{Marked} {x32 | 272},{Marked} {x32 | 308},0,{Marked}", "-v", SystemCallProbe.X64 + ":/probe:ro").Succeeds();
        Assert.That(outcome.Lines.Select(line => line.Split(' ')[1]), Is.All.EqualTo("-1"));
    }

    [TestCase("chmod 4755 /tmp/sh && /identity plain 33 33 /tmp/sh -p -c 'id -u; grep CapEff /proc/self/status'", TestName = "SetUserIdFile_GivesNothing")]
    [TestCase("setcap all=eip /tmp/sh 2>/dev/null || perl -e 'exit 0'; /identity plain 33 33 /tmp/sh -c 'id -u; grep CapEff /proc/self/status'", TestName = "FileCapabilities_GiveNothing")]
    public void Exec_GivesNothing(string script) =>
        IdentityProbe.Shell("cp /bin/bash /tmp/sh; " + script).Prints("33 33 33 33 33 33\n33\nCapEff:\t0000000000000000");

    [Test]
    public void Root_IsNotForItsUsersToTrace() =>
        IdentityProbe.Shell("sleep 60 & /identity plain 33 33 sh -c \"head -c 1 /proc/$!/mem 2>/dev/null | wc -c; ls -l /proc/$!/fd >/dev/null 2>&1 || echo closed\"; kill $!")
            .Prints("33 33 33 33 33 33\n0\nclosed");

    /// <summary>What the init may call with its mark, a descriptor of another process, gives nobody those of the init: it is not dumpable.</summary>
    [Test]
    public void Init_KeepsItsDescriptors() =>
        IdentityProbe.Shell($"/probe 434,1,0 438,3,3,0,{Mark},{Mark} 438,3,4,0,{Mark},{Mark}", "-v", SystemCallProbe.X64 + ":/probe:ro").Prints("434 3\n438 -1\n438 -1");

    [Test]
    public void Root_IsNotTracedByItsUsers() =>
        IdentityProbe.Shell("sleep 60 & /identity plain 33 33 /probe 101,16902,$!,0,0 101,16,$!,0,0 101,16902,1,0,0 | grep 101; kill $!", "-v", SystemCallProbe.X64 + ":/probe:ro").Prints("101 -1\n101 -1\n101 -1");

    [Test]
    public void Su_OfAUser_IsNotedOnce()
    {
        var outcome = IdentityProbe.Shell("/identity plain 33 44 sh -c 'su -c true </dev/null 2>/dev/null; su -c true </dev/null 2>/dev/null; true'; su www-data -s /bin/sh -c 'id -u'");
        Assert.That(outcome.Output, Is.EqualTo("33 33 33 44 44 44\n33\n"));
        Assert.That(outcome.Errors, Is.EqualTo("orca: note: 'su' has no effect: a user of the container cannot become root again\n"));
    }

    [Test]
    public void ProcessesOfOneUser_ShareANamespace() =>
        IdentityProbe.Shell("for u in 33 33 34; do /identity plain $u 33 readlink /proc/self/ns/user; done | grep -v ' ' | uniq -c | awk '{ print $1 }'").Prints("2\n1");

    [Test]
    public void OthersOfTheirUser_CanBeLookedInto() =>
        IdentityProbe.Shell("/identity threads 33 33 sleep 60 & sleep 0.3; /identity plain 33 33 sh -c \"readlink /proc/$!/exe\"; kill $!").Prints("33 33 33 33 33 33\n/usr/bin/sleep");

    [Test]
    public void GroupOfTheParent_IsTheChilds() =>
        IdentityProbe.Shell("perl -e 'use POSIX; setgid(44); if (!fork) { setuid(33); exec \"id\" } wait'").Prints("uid=33(www-data) gid=44(video) groups=44(video)");

    [Test]
    public void Peers_AreWhoTheySay() =>
        IdentityProbe.Shell("/identity peers 33 44").Prints("""
              of 0 0
            client 0 0
              of 0 0
            client 33 44
              of 33 44
            client 0 0
              of 33 44
            client 33 44
              of 33 44
            client 34 44
              of 33 44
            client 65534 65534
            client 65534 65534
            0 4 1 5
            0 12 0
            -1 1
            -1 1
            -1 1
            -1 1
            """);

    [Test]
    public void ManyAtOnce_AllBecomeTheirs() =>
        IdentityProbe.Shell("for i in $(seq 100 160); do ([ $(/identity threads $i $i id -u) = $i ] && [ $(setpriv --reuid $i --regid $i --clear-groups id -u) = $i ] && echo good) & done; wait")
            .Prints(string.Join('\n', Enumerable.Repeat("good", 61)));

    [Test]
    public void KilledAndStoppedOnes_DoNotHoldTheInit() => IdentityProbe.Shell("/identity storm 33 44; /identity threads 33 44 id -u").Prints("200\n33");

    [TestCase("held", Description = "who traces the init's helper and does not reap it, and kills another")]
    [TestCase("leased", Description = "an exec that waits for a lease, a thread that is traced, and one that asks")]
    public void ProgramThatWouldHoldTheInit_DoesNot(string way) => IdentityProbe.Shell($"/identity {way} 33 44").Prints("33 33 33 44 44 44");

    [Test]
    public void ProgramsWhoseTextIsSwapped_DoNotHoldTheInit()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        IdentityProbe.Shell("/identity swapped 33 44").Prints("33 33 33 44 44 44");
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(9), "one that spins is found by its processor time");
    }

    /// <summary>A thread of the init hears that orca is gone while the init waits, here for a program whose exec is held up.</summary>
    [Test]
    public void KilledOrca_TakesAContainerWithIt_ThatHoldsTheInit()
    {
        using var running = World.Shared.Orca(IdentityProbe.Arguments("exec /identity wedged 33 44")).Start().Until("held\nheld");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        World.Kill("KILL", running.Id);
        Assert.That(World.Eventually(() => World.Processes("/identity wedged").Count == 0, 20), Is.True);
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(5));
        running.Wait(20);
    }

    /// <summary>Random calls about users, of processes and threads that kill, stop, trace and execute one another (Fixtures/identity-fuzz.h).</summary>
    [Test]
    public void Fuzzed_NobodyGainsAnything_AndTheInitAnswers()
    {
        const int rounds = 6;
        var random = Sampling.Random();
        for (var i = 0; i < Sampling.Rounds(2); i++)
        {
            IdentityProbe.Shell($"exec /identity fuzz {random.Next()} {rounds}").Prints("through");
        }
    }

    [Test]
    public void ThreadsThatAskAsAnotherExecutes_DoNotHoldTheInit() => IdentityProbe.Shell("/identity race 33 44 true").Prints("150");

    [Test]
    public void Questions_DoNotKeepSignalsFromTheCommand() =>
        IdentityProbe.Shell("/identity many 33 44 & trap 'exit 3' TERM; sleep 2; kill -TERM 1; sleep 30 & wait $!").Ends(3);

    [Test]
    public void NumberTakenOver_IsNotTakenForTraced() =>
        IdentityProbe.Shell("exec /identity later 33 44 /identity plain 33 44").Prints("33 33 33 44 44 44");

    [Test]
    public void ThreadsThatExecuteNothing_AreLetGo() => IdentityProbe.Shell("/identity idle 33 44").Prints("let go");

    [Test]
    public void Status_OfTheCommand_IsItsOwn()
    {
        IdentityProbe.Shell("exec /identity threads 33 44 sh -c 'exit 9'").Ends(9);
        IdentityProbe.Shell("exec /identity plain 33 44 sh -c 'kill -TERM $$'").Ends(143);
        IdentityProbe.Shell("exec /identity threads 33 44 sh -c 'trap \"exit 3\" TERM; kill -TERM 1; sleep 5 & wait'").Ends(3);
    }

    /// <summary>With a terminal, whose job control goes on as for root: the user is in the foreground, and a key interrupts its program.</summary>
    [Test]
    public void OnATerminal_ItIsTheSame()
    {
        using var terminal = new Terminal(World.Shared);
        terminal.Type($"$orca {string.Join(' ', IdentityProbe.Arguments("", "-it").SkipLast(3))} /identity threads 33 44 bash --norc").See("bash-");
        terminal.Type("id -u; sleep 99; echo $((40 + 2))").See("33").Press("C-c").Type("echo $((50 + 5))").See("55");
        terminal.Type("exit 3").Ended().Type("echo status $?").See("status 3");
    }

    [Test]
    public void AmongTheHostsProcesses_ItIsTheSame() => IdentityProbe.Shell("/identity threads 33 44 id -u", "--pid", "host").Prints("33");

    [Test]
    public void I386Program_BecomesItsUser()
    {
        if (World.Tool("sh", "-c", SystemCallProbe.I386).Status != 0)
        {
            Assert.Pass("this kernel runs no i386 programs");
        }

        const string narrow = "46 0\n213 0\n199 33\n200 44\n23 -1\n213 -1\n81 -1\n346 -1";
        IdentityProbe.Shell("/probe 46,44 213,33 199 200 23,34 213,0 81,0,0 346,3,268435456,1633907311,1633907311; echo left", "-v", SystemCallProbe.I386 + ":/probe:ro").Prints(narrow + "\nleft");
        IdentityProbe.Shell("/probe 208,33,33,4294967295 -- /probe 199 24", "-v", SystemCallProbe.I386 + ":/probe:ro").Prints("208 0\n199 33\n24 33");
        IdentityProbe.Shell("exec /identity threads 33 44 /probe 199 200", "-v", SystemCallProbe.I386 + ":/probe:ro").Prints("199 33\n200 44");
        IdentityProbe.Shell("/identity threads 33 44 sh -c 'exec /probe 212,@/tmp,1,1 182,@/tmp,33,33 298,4294967196,@/tmp,5,5,0'", "-v", SystemCallProbe.I386 + ":/probe:ro")
            .Prints("212 -1\n182 0\n298 -1");
    }

    [TestCase("seccomp-listener=EBUSY", TestName = "Filter_AroundOrcaHasTheListener_ChangesAreAnsweredOnly")]
    [TestCase("ptrace=EPERM", TestName = "Host_WithoutTracing_ChangesAreAnsweredOnly")]
    [TestCase("unshare=EPERM", TestName = "Host_WithoutNamespacesInside_ChangesAreAnsweredOnly")]
    public void Host_ThatDoesNotAllowIt(string refused) =>
        Refuse.Orca(refused, "run", World.Debian, "setpriv", "--reuid=33", "--regid=33", "--clear-groups", "id", "-u").Prints("0");

    [Test]
    public void Kernel_ThatCannotStopBehindAnAnswer_ChangesAtTheNextExec() =>
        Refuse.Orca("seccomp-killable=22", "run", World.Debian, "setpriv", "--reuid=33", "--regid=33", "--clear-groups", "id", "-u").Prints("33");

    [Test]
    public void WithoutAnInit_ChangesAreAnsweredOnly() => IdentityProbe.Shell("/identity plain 33 44", "--init=false").Prints("0 0 0 0 0 0");

    [Test]
    public void Entrypoint_ThatWouldGoRoundForEver_EndsWithAHint()
    {
        const string script = "echo 'if [ $(id -u) = 0 ]; then exec setpriv --reuid=33 --regid=33 --clear-groups sh /entry; fi; echo not reached' > /entry; exec sh /entry";
        var outcome = Refuse.Orca("ptrace=EPERM", "run", World.Debian, "sh", "-c", script);
        Assert.That((outcome.Status == 0, outcome.Output), Is.EqualTo((false, "")));
        Assert.That(outcome.Errors, Does.Contain("orca: cannot make a program user 33").And.Contain("hint: run with '-u 33'"));
        World.Orca("run", "-u", "33", World.Debian, "sh", "-c", script).Prints("not reached");
    }

    [Test]
    public void KeptContainer_HoldsWhatItsUsersMade()
    {
        using var home = new Home();
        home.Orca("run", "--name", "kept", World.Debian, "setpriv", "--reuid=33", "--regid=33", "--clear-groups", "sh", "-c", "echo by $(id -un) > /tmp/f").Within(120).Run().Succeeds();
        home.Orca("run", "--name", "kept", World.Debian, "setpriv", "--reuid=33", "--regid=33", "--clear-groups", "cat", "/tmp/f").Run().Prints("by www-data");
    }

    [Test]
    public void OtherModes_AreAsTheyWere()
    {
        World.Orca("run", "-u", "33", World.Debian, "sh", "-c", "id -u; setpriv --reuid=34 id -u 2>/dev/null || echo refused").Prints("33\nrefused");
        World.Orca("run", "--userns=keep-id", "-u", "0", World.Debian, "setpriv", "--reuid=34", "--regid=34", "--clear-groups", "id", "-u").Prints("34");
    }
}
