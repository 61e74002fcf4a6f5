using System.Globalization;
using System.Text.Json;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>How the command is started, ended and told of; each also past the moment when the keeper has taken over.</summary>
[Category("EndToEnd")]
public sealed class ProcessOptionTests
{
    [Test]
    public void WithoutInit_TheCommandIsTheFirstProcess_AndDiesWithOrca()
    {
        Assert.That(World.Orca("run", "--init=false", World.Busybox, "sh", "-c", "echo $$; sleep 0.3; exit 4").Ends(4).Lines, Is.EqualTo(["1"]));
        using var running = World.Shared.Orca("run", "--init=false", World.Busybox, "sh", "-c", "sleep 9871.1 & echo ready; sleep 9871.2").Start().Until("ready");
        Thread.Sleep(300); // the keeper runs by now
        World.Kill("KILL", running.Id);
        running.Wait(20).Ends(137);
        Assert.That(World.Eventually(() => World.Processes("sleep 9871").Count == 0), Is.True, "the container still runs");
    }

    [Test]
    public void WithoutInit_SignalsReachTheCommand()
    {
        using var running = World.Shared.Orca("run", "--init=false", World.Busybox, "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done").Start().Until("ready");
        World.Kill("TERM", running.Id);
        running.Wait(20).Ends(9);
    }

    [Test]
    public void HostProcesses_AreSeen_AndWhatTheCommandLeavesIsKilled()
    {
        var me = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        World.Orca("run", "--pid", "host", World.Busybox, "sh", "-c", $"grep -c '^Pid:.{me}$' /proc/{me}/status; (setsid sleep 9872.1 >/dev/null 2>&1 &); sleep 0.3").Prints("1");
        Assert.That(World.Processes("sleep 9872").Count, Is.Zero);
        using var running = World.Shared.Orca("run", "--pid=host", World.Busybox, "sh", "-c", "(setsid sleep 9873.1 &); echo ready; sleep 9873.2").Start().Until("ready");
        Thread.Sleep(300);
        World.Kill("KILL", running.Id);
        running.Wait(20).Ends(137);
        Assert.That(World.Eventually(() => World.Processes("sleep 9873").Count == 0), Is.True, "the container still runs");
    }

    [Test]
    public void Timeout_AsksByTheStopSignal_ThroughTheKeeper() => World.Orca(
        "run", "--timeout", "1", "--stop-signal", "USR2", World.Busybox, "sh", "-c", "trap 'exit 6' USR2; while :; do sleep 0.05; done").Ends(6);

    [Test]
    public void Timeout_OfAKeptContainer_IsRemembered()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", "--timeout", "1", World.Busybox, "true").Run().Succeeds();
        home.Orca("run", "--name", "work", World.Busybox, "sleep", "60").Run().Ends(143);
        home.Orca("run", "--name", "work", "--timeout", "0", World.Busybox, "sleep", "1.5").Run().Succeeds();
    }

    [TestCase("0", "0")]
    [TestCase("0.4", "3", Description = "by the keeper, which starts orca again")]
    public void Status_IsTold_ALineEach(string seconds, string status)
    {
        using var home = new Home();
        foreach (var name in new[] { "", "--name work" })
        {
            var file = Path.Combine(home.Directory, "status");
            home.Shell($"exec \"$orca\" run --json-status-fd 7 --pidfile {home.Directory}/pid {name} {World.Busybox} sh -c 'sleep {seconds}; exit {status}' 7>{file}")
                .Ends(int.Parse(status, CultureInfo.InvariantCulture));
            var process = File.ReadAllText(Path.Combine(home.Directory, "pid")).TrimEnd();
            Assert.That(File.ReadAllText(file), Does.Match($"^{{ \"child-pid\": {process}, .* }}\n{{ \"exit-code\": {status} }}\n$"));
        }
    }

    [Test]
    public void PidFile_TakesNoOtherFile_AndLeavesNone()
    {
        using var home = new Home();
        home.Shell($"mkdir place; cd place; mkdir d; echo mine >pid.new; \"$orca\" run --pidfile pid {World.Busybox} true").Succeeds();
        Assert.That(home.Shell($"cd place; exec \"$orca\" run --pidfile d {World.Busybox} true").Ends(125).Errors, Does.Contain("cannot write the process id to 'd': EISDIR"));
        Assert.That(home.Shell("cd place; ls -A; cat pid.new").Lines, Is.EqualTo(["d", "pid", "pid.new", "mine"]));
    }

    /// <summary>The keys of bubblewrap's first document, each only where the namespace is the container's own.</summary>
    [TestCase("", "cgroup ipc mnt pid uts")]
    [TestCase("--network none", "cgroup ipc mnt net pid uts")]
    [TestCase("--ipc host --uts host --pid host", "cgroup mnt")]
    [TestCase("--init=false", "cgroup ipc mnt pid uts")]
    public void Status_TellsTheNamespaces_AsTheContainerSeesThem(string options, string kinds)
    {
        using var home = new Home();
        var seen = home.Shell(
            $"exec \"$orca\" run --json-status-fd 7 {options} {World.Busybox} sh -c 'for n in {kinds}; do readlink /proc/self/ns/$n; done' 7>{home.Directory}/status").Succeeds();
        using var document = JsonDocument.Parse(File.ReadAllLines(Path.Combine(home.Directory, "status"))[0]);
        var told = document.RootElement.EnumerateObject().Skip(1).Select(static key => $"{key.Name.Replace("-namespace", "", StringComparison.Ordinal)}:[{key.Value.GetUInt64()}]");
        Assert.That(told, Is.EqualTo(seen.Lines));
    }

    [Test]
    public void Status_IsNotTheContainersToSee()
    {
        using var home = new Home();
        var seen = home.Shell($"exec \"$orca\" run --json-status-fd 7 {World.Busybox} sh -c 'echo /proc/self/fd/*; : >&7' 7>{home.Directory}/status").Output;
        Assert.That(seen.TrimEnd(), Is.EqualTo("/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3"));
        Assert.That(File.ReadAllLines(Path.Combine(home.Directory, "status")), Has.Length.EqualTo(2));
    }

    [TestCase("0 x")]
    [TestCase("000 ")]
    [TestCase("000 1 run-0123456789ab 5 6")]
    [TestCase("007 1 ")]
    public void ExportedKept_MeansNothing(string value) =>
        Assert.That(World.Shared.Orca("run", World.Busybox, "sh", "-c", "echo well; exit 4").With("ORCA_KEPT", value).Run().Ends(4).Lines, Is.EqualTo(["well"]));
}
