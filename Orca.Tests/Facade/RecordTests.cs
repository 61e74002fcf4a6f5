using NUnit.Framework;
using Orca.Core.Containers;

namespace Orca.Tests.Facade;

/// <summary>What a program compares, prints and logs.</summary>
public sealed class RecordTests
{
    [Test]
    public void Starts_WithTheSameContent_AreEqual()
    {
        static ContainerStart Make() => new("gcc", ["make", "-j2"]) { Env = ["A=1"], Mounts = [new BindMount("/src", "/src", ReadOnly: true)], Timeout = TimeSpan.FromSeconds(5) };
        var (one, other) = (Make(), Make());
        Assert.That(one, Is.EqualTo(other));
        Assert.That(one.GetHashCode(), Is.EqualTo(other.GetHashCode()));
        Assert.That(one with { Command = ["make", "-j3"] }, Is.Not.EqualTo(other));
        Assert.That(one with { Env = [] }, Is.Not.EqualTo(other));
    }

    [Test]
    public void Start_PrintsWhatItIs()
    {
        var text = new ContainerStart("gcc", ["make", "-j2"]) { Env = ["A=1"], Input = ContainerInput.Of("abc") }.ToString();
        Assert.That(text, Does.Contain("docker.io/library/gcc:latest").And.Contain("Command = [make, -j2]").And.Contain("Env = [A=1]").And.Contain("Input = 3 bytes").And.Contain("Output = pipe"));
    }

    [Test]
    public void List_IsMadeOfExpressionsArraysAndLists_AndMatchesPatterns()
    {
        ValueList<string> list = ["a", "b"];
        Assert.That(list, Is.EqualTo((ValueList<string>)new[] { "a", "b" }));
        Assert.That(list == new List<string> { "a", "b" }, Is.True);
        Assert.That(list is ["a", ..], Is.True);
        Assert.That(default(ValueList<string>), Is.EqualTo((ValueList<string>)[]));
        var array = new[] { "a" };
        ValueList<string> copy = array;
        array[0] = "changed";
        Assert.That(copy[0], Is.EqualTo("a"));
    }

    [TestCase(0, null, true, "exit status 0")]
    [TestCase(2, null, false, "exit status 2")]
    [TestCase(128, null, false, "exit status 128")]
    [TestCase(143, 15, false, "SIGTERM")]
    [TestCase(192, 64, false, "64")]
    [TestCase(193, null, false, "exit status 193")]
    public void Exit_TellsTheSignal(int code, int? signal, bool success, string text)
    {
        var exit = new ContainerExit(code);
        Assert.That((exit.Signal?.Number, exit.Success, exit.ToString()), Is.EqualTo((signal, success, text)));
        Assert.That((exit with { TimedOut = true, OutOfMemory = true }).ToString(), Is.EqualTo(text + ", timed out, out of memory"));
    }

    [Test]
    public void Failure_QuotesWhatTheContainerWrote()
    {
        var result = new ContainerResult(new ContainerExit(1), string.Empty, "fine\n\u001b[31mred\u001b[0m\n", TimeSpan.Zero);
        Assert.That(new ContainerFailedException(result).Message, Does.StartWith("the command failed: exit status 1: ").And.Not.Contain("\u001b"));
    }
}
