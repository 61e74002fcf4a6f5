using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Launch;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Commands that join a container, from the JIT, in process.</summary>
[TestFixture]
public sealed class JoinTests : RealLaunches
{
    private readonly SandboxStarter _starter = new(NullLogger.Instance);

    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    [TestCase("exit 255", 255)]
    [TestCase("kill -9 $$", 137)]
    [TestCase("kill -15 $$", 143)]
    public async Task Join_EndsAsTheCommandEnds(string script, int status)
    {
        await using var container = await StandAsync();
        Assert.That((await JoinAsync(container, script)).Code, Is.EqualTo(status));
        Assert.That(Launcher.Run(Joined(container, script), new SandboxRunOptions(), default).Code, Is.EqualTo(status));
    }

    [TestCase("[ $(id -u) = 0 ]", TestName = "Joined_CallerIsRootInside")]
    [TestCase("[ \"$(cat /proc/1/comm)\" = orca-init ] && [ $$ -gt 2 ]", TestName = "Joined_IsAmongTheContainersProcesses")]
    [TestCase("[ \"$(cat /proc/sys/kernel/hostname)\" = test ]", TestName = "Joined_HasItsHostName")]
    [TestCase("grep -q 'CapEff:.*00000000a80425fb' /proc/self/status", TestName = "Joined_HasDockersCapabilities")]
    [TestCase("grep -q 'CapBnd:.*00000000a80425fb' /proc/self/status", TestName = "Joined_BoundsCapabilities")]
    [TestCase("grep -q 'CapInh:.*0000000000000000' /proc/self/status && grep -q 'CapAmb:.*0000000000000000' /proc/self/status", TestName = "Joined_NothingIsInheritable")]
    [TestCase("grep -q 'NoNewPrivs:.*1' /proc/self/status", TestName = "Joined_SetsNoNewPrivs")]
    [TestCase("grep -q 'Seccomp:.*2' /proc/self/status", TestName = "Joined_HasAFilter")]
    [TestCase("grep -q 'SigBlk:.*0000000000000000' /proc/self/status", TestName = "Joined_BlocksNoSignal")]
    [TestCase("[ \"$(echo /proc/self/fd/*)\" = '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3' ]", TestName = "Joined_HoldsOnlyTheStandardStreams")]
    [TestCase("[ $(umask) = 0022 ]", TestName = "Joined_HasUmask022")]
    [TestCase("! echo x > /proc/sys/kernel/hostname && [ -z \"$(cat /proc/timer_list)\" ] && [ -z \"$(ls -A /sys/firmware)\" ]", TestName = "Joined_HasTheMasks")]
    [TestCase("! busybox mount -t tmpfs t /tmp && ! busybox unshare -U true", TestName = "Joined_CannotMount")]
    [TestCase("[ -e /made-by-the-first ] && [ $(stat -c %a /proc/1/cmdline) = 444 ]", TestName = "Joined_SeesTheContainersFiles")]
    [TestCase("[ \"$(readlink /proc/self/ns/user)\" = \"$(cat /ns-user)\" ] && [ \"$(readlink /proc/self/ns/mnt)\" = \"$(cat /ns-mnt)\" ] && [ \"$(readlink /proc/self/ns/pid)\" = \"$(cat /ns-pid)\" ] && [ \"$(readlink /proc/self/ns/cgroup)\" = \"$(cat /ns-cgroup)\" ]",
        TestName = "Joined_IsInAllNamespaces")]
    [TestCase("for p in /proc/[0-9]*; do case $(cat $p/comm) in orca*) readlink $p/exe $p/cwd $p/root $p/fd/*; cat $p/environ $p/maps;; esac; done 2>/dev/null | grep . && exit 1; exit 0",
        TestName = "Joined_ParentHidesAll")]
    public async Task Join_ScriptHolds(string script)
    {
        await using var container = await StandAsync();
        var exit = await JoinAsync(container, script);
        Assert.That(exit.Code, Is.Zero, exit.Output);
    }

    [Test]
    public async Task Join_CommandIgnoresNoSignal()
    {
        await using var container = await StandAsync();
        Assert.That((await JoinAsync(container, string.Empty, static spec => spec with { Arguments = ["grep", "-q", "SigIgn:.0000000000000000", "/proc/self/status"] })).Code, Is.Zero);
    }

    [TestCase(33u, 44u)]
    [TestCase(0u, 44u)]
    public async Task Join_AsAnotherUser_IsThatUser(uint uid, uint gid)
    {
        await using var container = await StandAsync();
        var exit = await JoinAsync(container, "id -u; id -g; grep CapEff /proc/self/status; grep Seccomp: /proc/self/status", spec => spec with { Uid = uid, Gid = gid });
        var capabilities = uid == 0 ? "00000000a80425fb" : "0000000000000000";
        Assert.That(exit.Output, Is.EqualTo($"{uid}\n{gid}\nCapEff:\t{capabilities}\nSeccomp:\t2\n"));
    }

    [Test]
    public async Task Join_MissingCommand_Is127()
    {
        await using var container = await StandAsync();
        Assert.That(
            async () => await JoinAsync(container, string.Empty, spec => spec with { Arguments = ["nonesuch"] }),
            Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(127).And.Message.EqualTo("cannot start 'nonesuch': not found in PATH"));
    }

    [TestCase("/none", "ENOENT")]
    [TestCase("/made-by-the-first", "ENOTDIR")]
    public async Task Join_DirectoryThatIsNotThere_IsAnError(string directory, string errno)
    {
        await using var container = await StandAsync();
        Assert.That(
            async () => await JoinAsync(container, "true", spec => spec with { WorkingDirectory = directory }),
            Throws.TypeOf<SandboxException>().With.Message.Contains($"change directory to '{directory}'").And.Message.Contains(errno));
    }

    [Test]
    public async Task Join_EndsWithTheContainer()
    {
        await using var container = await StandAsync();
        await using var joined = await StartAsync(container, "echo in; exec sleep 1000");
        await ReadLineAsync(joined);
        container.TrySignal(Signal.Kill);
        Assert.That((await joined.Exited.WaitAsync(TimeSpan.FromSeconds(20))).Status.Code, Is.EqualTo(137));
    }

    [Test]
    public async Task Join_ContainerWhoseFirstProcessIsStopped_Runs()
    {
        await using var container = await StandAsync();
        container.TrySignal(Signal.Parse("STOP"));
        Assert.That((await JoinAsync(container, "exit 4")).Code, Is.EqualTo(4));
        container.TrySignal(Signal.Parse("CONT"));
    }

    [Test]
    public async Task Join_ContainerThatHasEnded_IsAnError()
    {
        var container = await StandAsync();
        var spec = Joined(container, "true");
        await container.DisposeAsync();
        Assert.That(() => Launcher.Run(spec, new SandboxRunOptions(), default), Throws.TypeOf<SandboxException>().With.Message.Contains("it has ended"));
    }

    [Test]
    public async Task Join_NumberOfAnotherProcess_IsRefused()
    {
        await using var container = await StandAsync();
        var spec = Joined(container, "true");
        Assert.That(
            () => Launcher.Run(spec with { Joins = spec.Joins!.Value with { Born = spec.Joins.Value.Born - 1 } }, new SandboxRunOptions(), default),
            Throws.TypeOf<SandboxException>().With.Message.Contains("it has ended"));
        Assert.That(
            () => Launcher.Run(spec with { Joins = new ProcessIdentity(Environment.ProcessId, ProcessBirth.Of(Environment.ProcessId)!.Value) }, new SandboxRunOptions(), default),
            Throws.TypeOf<SandboxException>().With.Message.Contains("has the files of the host"));
    }

    [Test]
    public async Task Disposed_TakesAllThatDescendsFromIt_AndNothingElse()
    {
        await using var container = await StandAsync();
        await using (var joined = await StartAsync(container, "sleep 2001 & busybox setsid sh -c 'sleep 2002 & sleep 2003' & echo in; exec sleep 2004"))
        {
            await ReadLineAsync(joined);
        }

        var exit = await JoinAsync(container, "busybox ps -o args | grep -c '[s]leep 200'; busybox ps -o args | grep -c '[s]leep 1000'");
        Assert.That(exit.Output, Is.EqualTo("0\n1\n"));
    }

    /// <summary>The process beside a command is of the container's user, and can be stopped by it.</summary>
    [Test]
    public async Task StoppedByTheContainer_EndsAllTheSame()
    {
        await using var container = await StandAsync();
        var joined = await StartAsync(container, "(sleep 0.3; while :; do kill -STOP $PPID; done) & echo in; exec sleep 1000");
        await ReadLineAsync(joined);
        await Task.Delay(600);
        await joined.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That((await joined.Exited).Status.Code, Is.EqualTo(137));
    }

    [Test]
    public async Task CommandThatEnds_LeavesItsChildrenRunning_AndTheyAreReaped()
    {
        await using var container = await StandAsync();
        var exit = await JoinAsync(container, "busybox setsid sleep 6 >/dev/null 2>&1 & exit 5");
        Assert.That(exit.Code, Is.EqualTo(5));
        Assert.That((await JoinAsync(container, "for i in $(busybox seq 50); do busybox ps -o args | grep '^[s]leep 6' && exit; sleep 0.1; done")).Output, Is.EqualTo("sleep 6\n"));
        await Task.Delay(TimeSpan.FromSeconds(7));
        Assert.That((await JoinAsync(container, "busybox ps -o comm | grep -c '[o]rca-exec'; busybox ps -o stat | grep -c '^Z'")).Output, Is.EqualTo("1\n0\n"), "only that of this very command");
    }

    /// <summary>What asks the parent of its command must find it there, also when the command has ended.</summary>
    [Test]
    public async Task ChildThatIsLeft_IsStillAnswered()
    {
        await using var container = await StandAsync();
        var exit = await JoinAsync(container, "busybox setsid sh -c 'sleep 1; busybox chown 5:5 /tmp && busybox mknod /tmp/n c 1 3 && echo done > /tmp/answer' >/dev/null 2>&1 & exit 0");
        Assert.That(exit.Code, Is.Zero);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.That((await JoinAsync(container, "cat /tmp/answer")).Output, Is.EqualTo("done\n"));
    }

    [Test]
    public async Task ManyAtOnce_LoseNothing()
    {
        await using var container = await StandAsync();
        var exits = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => JoinAsync(container, $"echo {i}; exit {i}")));
        Assert.That(exits.Select(static exit => exit.Code), Is.EqualTo(Enumerable.Range(0, 64)));
        Assert.That(exits.Select(static exit => exit.Output), Is.EqualTo(Enumerable.Range(0, 64).Select(static i => $"{i}\n")));
    }

    /// <summary>Whichever of the processes on the way in is killed, and whenever: there is an error or an end by that signal, and nothing is left inside.</summary>
    [Test]
    public async Task KilledOnTheWay_LeavesNothing()
    {
        await using var container = await StandAsync();
        var random = Sampling.Random();
        using var over = new CancellationTokenSource();
        var killer = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                Joiners().Where(_ => random.Next(2) == 0).ToList().ForEach(static process => process.Kill());
                Thread.Sleep(random.Next(4));
            }
        });
        var (failed, ended) = (0, 0);
        for (var i = 0; i < Sampling.Rounds(60); i++)
        {
            try
            {
                Assert.That((await JoinAsync(container, "sleep 0.02; exit 0")).Code, Is.AnyOf(0, 137));
                ended++;
            }
            catch (SandboxException e)
            {
                Assert.That(e.Message, Does.Contain("was killed"));
                failed++;
            }
        }

        await over.CancelAsync();
        await killer;
        TestContext.Out.WriteLine($"{failed} failed, {ended} ended");
        Assert.That(() => Joiners().Count, Is.Zero.After(5000, 50));
        Assert.That((await JoinAsync(container, "busybox ps -o comm | grep -c orca-; exit 3")) is { Code: 3, Output: "2\n" }, Is.True);
    }

    /// <summary>The processes on the way into a container, or beside a command there, that have not ended.</summary>
    private static List<Process> Joiners()
    {
        var found = new List<Process>();
        foreach (var process in Process.GetProcesses())
        {
            try
            {
                if (process.ProcessName is "orca-join" or "orca-exec" && !File.ReadAllText($"/proc/{process.Id}/stat").Contains(") Z ", StringComparison.Ordinal)
                    && File.ReadAllText($"/proc/{process.Id}/status").Contains($"PPid:\t{Environment.ProcessId}\n", StringComparison.Ordinal))
                {
                    found.Add(process);
                }
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has ended.
            }
        }

        return found;
    }

    [Test]
    public async Task Outline_TellsTheSteps()
    {
        await using var container = await StandAsync();
        Assert.That(Launcher.Outline(Joined(container, "true")).Steps, Has.Some.StartsWith("join the namespaces of process "));
    }

    private async Task<ISandboxProcess> StandAsync()
    {
        var process = await _starter.StartAsync(
            Root.Script("echo > /made-by-the-first; for n in user mnt pid cgroup; do readlink /proc/self/ns/$n > /ns-$n; done; echo up; exec sleep 1000"),
            new SandboxStart { Output = SandboxStream.Pipe },
            default);
        await ReadLineAsync(process);
        return process;
    }

    private static async Task ReadLineAsync(ISandboxProcess process)
    {
        var one = new byte[1];
        while (await process.Pipes[1]!.ReadAsync(one) == 1 && one[0] != '\n')
        {
        }
    }

    private SandboxSpec Joined(ISandboxProcess container, string script) =>
        Root.Script(script) with { Joins = new ProcessIdentity(container.Id, ProcessBirth.Of(container.Id)!.Value) };

    private Task<ISandboxProcess> StartAsync(ISandboxProcess container, string script, Func<SandboxSpec, SandboxSpec>? change = null) =>
        _starter.StartAsync((change ?? (static spec => spec))(Joined(container, script)), new SandboxStart { Output = SandboxStream.Pipe }, default);

    private async Task<(int Code, string Output)> JoinAsync(ISandboxProcess container, string script, Func<SandboxSpec, SandboxSpec>? change = null)
    {
        await using var process = await StartAsync(container, script, change);
        using var reader = new StreamReader(process.Pipes[1]!);
        var output = await reader.ReadToEndAsync();
        return ((await process.Exited).Status.Code, output);
    }
}
