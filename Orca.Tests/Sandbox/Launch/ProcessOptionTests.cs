using System.Diagnostics;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Real launches with another first process, among the host's processes, and with a limit of time.</summary>
[TestFixture]
public sealed class ProcessOptionTests : RealLaunches
{
    [TestCase("[ $$ = 1 ]", TestName = "Alone_TheCommandIsTheFirstProcess")]
    [TestCase("[ \"$(busybox cut -d' ' -f6 /proc/1/stat)\" = 1 ]", TestName = "Alone_LeadsItsSession")]
    [TestCase("[ \"$(echo /proc/self/fd/*)\" = '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3' ]", TestName = "Cve_2024_21626_Alone_HoldsOnlyTheStandardStreams")]
    [TestCase("grep -q 'SigBlk:.*0000000000000000' /proc/1/status && grep -q 'NoNewPrivs:.*1' /proc/1/status", TestName = "Alone_BlocksNoSignal_AndGainsNothing")]
    [TestCase("case $(readlink /proc/1/exe) in /bin/busybox) ;; *) exit 1;; esac", TestName = "Cve_2019_5736_Alone_TheProgramIsTheCommands")]
    public void Alone_ScriptHolds(string script) =>
        Assert.That(Launcher.Run(Root.Script(script) with { Init = false }, new SandboxRunOptions(), default).Code, Is.Zero);

    [TestCase("exit 7", 7)]
    [TestCase("busybox sleep 1000 & exit 3", 3)]
    public void Alone_EndsAsTheCommandEnds(string script, int status) =>
        Assert.That(Launcher.Run(Root.Script(script) with { Init = false }, new SandboxRunOptions(), default).Code, Is.EqualTo(status));

    [Test]
    public void Alone_MissingCommand_Is127() => Assert.That(
        () => Launcher.Run(Root.Command("nonesuch") with { Init = false }, new SandboxRunOptions(), default),
        Throws.TypeOf<Orca.Core.Errors.SandboxException>().With.Property("ExitCode").EqualTo(127));

    [Test]
    public void Started_TellsTheFirstProcess_AsTheHostCountsIt()
    {
        var arguments = string.Empty;
        var options = new SandboxRunOptions { Started = process => arguments = File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0') };
        Assert.That(Launcher.Run(Root.Command("sleep", "0.2") with { Init = false }, options, default).Code, Is.Zero);
        Assert.That(arguments, Is.EqualTo("sleep\00.2"));
    }

    [Test]
    public void Pid_OfTheHost_SeesItsProcesses_AndLooksIntoNone() => Assert.That(
        Launcher.Run(
            Sharing($"grep -qx 'Pid:.{Environment.ProcessId}' /proc/{Environment.ProcessId}/status && ! readlink /proc/{Environment.ProcessId}/root"
                + $" && ! readlink /proc/{Environment.ProcessId}/fd/0 && ! ls /proc/{Environment.ProcessId}/root/ && ! echo x > /proc/sys/kernel/hostname"),
            new SandboxRunOptions(), default).Code,
        Is.Zero);

    [Test]
    public void Pid_OfTheHost_LeavesNothingBehind()
    {
        var mark = $"4{Environment.ProcessId}.5";
        Assert.That(Launcher.Run(Sharing($"(sleep {mark} & (setsid sleep {mark} & ) & ); (busybox setsid sleep {mark} &) ; exit 5"), new SandboxRunOptions(), default).Code, Is.EqualTo(5));
        Assert.That(Commands(), Has.None.Contains(mark));
    }

    [Test]
    public void Limit_SendsItsSignal()
    {
        var limit = new TimeLimit(TimeSpan.FromMilliseconds(200), Signal.Parse("USR1"));
        var spec = Root.Script("trap 'exit 9' USR1; while :; do busybox usleep 20000; done");
        Assert.That(Launcher.Run(spec, new SandboxRunOptions { Limit = limit }, default).Code, Is.EqualTo(9));
    }

    [Test]
    public void Limit_OfACommandThatEndsBefore_DoesNothing() =>
        Assert.That(Launcher.Run(Root.Script("exit 3"), new SandboxRunOptions { Limit = new TimeLimit(TimeSpan.FromHours(1), Signal.Kill) }, default).Code, Is.EqualTo(3));

    private SandboxSpec Sharing(string script) => Root.Script(script) with { Pid = NamespaceMode.Host, HostProc = true };

    private static List<string> Commands()
    {
        var commands = new List<string>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    commands.Add(File.ReadAllText($"/proc/{process.Id}/cmdline"));
                }
                catch (IOException)
                {
                    // It has ended meanwhile.
                }
            }
        }

        return commands;
    }
}
