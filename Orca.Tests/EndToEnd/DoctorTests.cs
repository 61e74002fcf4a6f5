using System.Text.Json;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>plan and doctor on this machine, and on one that refuses.</summary>
[Category("EndToEnd")]
public sealed class DoctorTests
{
    [Test]
    public void Doctor_OnThisMachine_FindsItFit()
    {
        var outcome = World.Orca("doctor").Succeeds();
        foreach (var subject in (string[])["user namespaces", "capabilities in them", "other namespaces", "mounts", "overlay", "proc", "terminals", "seccomp", "seccomp notification", "store", "processor", "32-bit programs", "page size", "clock"])
        {
            Assert.That(outcome.Lines, Has.One.StartsWith($"works     {subject}: "), () => outcome.Output);
        }

        foreach (var subject in (string[])["sub-ids", "cgroup delegation", "fuse", "names of hosts", "space"])
        {
            Assert.That(outcome.Lines, Has.One.Matches($"^(works|fallback) +{subject}: "), () => outcome.Output);
        }
    }

    [Test]
    public void Doctor_AsJson_HasTheSameSubjects()
    {
        var text = World.Orca("doctor").Succeeds().Lines.Where(line => !line.StartsWith(' ')).Select(line => line[10..line.IndexOf(':', StringComparison.Ordinal)]);
        using var json = JsonDocument.Parse(World.Orca("doctor", "--format", "json").Succeeds().Output);
        Assert.That(json.RootElement.EnumerateArray().Select(finding => finding.GetProperty("subject").GetString()), Is.EqualTo(text));
    }

    [Test]
    public void Doctor_LeavesNothingBehind()
    {
        using var home = new Home();
        home.Orca("doctor").Run().Succeeds();
        Assert.That(home.Files(), Is.Empty);
    }

    [TestCase("clone3=ENOSYS clone-user=EPERM", 1, "fails     user namespaces: new namespaces: EPERM")]
    [TestCase("mount=EPERM", 1, "fails     capabilities in them: make all mounts private")]
    [TestCase("mount-plain=EPERM", 0, "fallback  overlay: mount overlay")]
    [TestCase("open_tree=ENOSYS", 1, "fails     mounts: clone mount '/sys'")]
    [TestCase("seccomp=ENOSYS", 1, "fails     seccomp: load a seccomp filter: ENOSYS")]
    public void Doctor_WhereTheKernelSaysNo_NamesIt(string calls, int status, string line)
    {
        var outcome = Refuse.Orca(calls, "doctor").Ends(status);
        Assert.That(outcome.Lines, Has.One.StartsWith(line), () => outcome.Output);
    }

    [Test]
    public void Doctor_OfAStoreThatCannotBeWritten_NamesItAndItsCure()
    {
        var outcome = World.Shared.Program(World.Binary, "doctor").With("ORCA_ROOT", "/proc/orca").Run().Ends(1);
        Assert.That(outcome.Lines, Has.One.StartsWith("fails     store: '/proc/orca'"), () => outcome.Output);
        Assert.That(outcome.Output, Does.Contain("cure: place the store elsewhere"));
    }

    [Test]
    public void Plan_IsWhatTheErrorsOfARunSay()
    {
        World.Orca("run", World.Busybox, "true").Succeeds();
        var steps = World.Orca("plan", World.Busybox, "true").Succeeds().Lines;
        Assert.That(steps[0], Does.StartWith("new namespaces: "));
        Assert.That(steps[^1], Does.Contain("execute 'true'"));
        var refused = Refuse.Orca("pivot_root=EPERM", "run", World.Busybox, "true").Ends(125).Errors;
        var pivot = Array.FindIndex(steps, step => step.Contains("pivot", StringComparison.Ordinal));
        Assert.That(refused, Does.Contain($"step {pivot} of {steps.Length - 1}: {steps[pivot][(steps[pivot].IndexOf(' ', StringComparison.Ordinal) + 1)..]}: EPERM"));
    }

    [Test]
    public void Plan_RunsNothingAndLeavesNothing()
    {
        World.Orca("run", World.Busybox, "true").Succeeds();
        var before = World.Shared.Files();
        World.Orca("plan", "--name", "planned", World.Busybox, "sh", "-c", "exit 9").Succeeds();
        Assert.That(World.Shared.Files(), Is.EqualTo(before));
        Assert.That(World.Orca("plan", World.Registry + "/never-pulled").Ends(125).Errors, Does.Contain("orca pull"));
    }
}
