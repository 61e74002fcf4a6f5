using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Core.Containers;

/// <summary>What of a kept container's mounts is left out, replaced and remembered when their sources are gone.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KeptOptionsTests : IDisposable
{
    private readonly string _root = FileConditions.MakeRoot();
    private readonly List<string> _notes = [];

    public void Dispose() => FileConditions.Remove(_root);

    [Test]
    public void AllThatIsThere_StaysAsItWas_WithoutANote()
    {
        var kept = Of([Bind(_root, "/a"), Bind("/dev/null", "/b")], []);
        Assert.That((kept.Run.Mounts.Count, kept.Remembered, _notes.Count), Is.EqualTo((2, (RunOptions?)null, 0)));
    }

    [TestCase(nameof(FileCondition.Absent))]
    [TestCase(nameof(FileCondition.DanglingLink))]
    [TestCase(nameof(FileCondition.ParentIsAFile))]
    [TestCase(nameof(FileCondition.LinkLoop))]
    [TestCase(nameof(FileCondition.ClosedParent))]
    public void ALostMount_IsLeftOut_WithANoteThatNamesIt_AndIsRemembered(string name)
    {
        var path = Path.Combine(_root, "dir", "agent.sock");
        FileConditions.Make(path, Enum.Parse<FileCondition>(name), "");
        using var user = new AnotherFileUser();
        var kept = Of([Bind("/dev/null", "/a"), Bind(path, "/agent")], []);
        Assert.That(kept.Run.Mounts.Select(mount => mount.Destination), Is.EqualTo(["/a"]));
        Assert.That(kept.Remembered, Is.Null, "the agent may be back for the next run");
        Assert.That(_notes, Has.One.Contains($"'{path}' on '/agent' is left out: E").And.One.Contains("'orca run --name work -v SOURCE:/agent'"));
    }

    [TestCase("/agent")]
    [TestCase("/agent/")]
    public void ALostMount_ThatTheRunReplaces_IsReplacedForGood(string destination)
    {
        var kept = Of([Bind("/dev/null", "/a"), Bind("/none/agent", "/agent")], [Bind(_root, destination), Bind(_root, "/other")]);
        Assert.That(kept.Run.Mounts.Select(mount => mount.Source), Is.EqualTo(["/dev/null", _root, _root]));
        Assert.That(kept.Remembered!.Mounts.Select(mount => (mount.Source, mount.Destination)), Is.EqualTo([("/dev/null", "/a"), (_root, destination)]));
        Assert.That(_notes, Is.Empty);
    }

    [Test]
    public void ALostMount_ThatATemporaryOneReplaces_IsReplacedForGood()
    {
        var asked = new RunOptions { TemporaryMounts = [TemporaryMount.Parse("/agent")] };
        var kept = KeptOptions.Of(Record([Bind("/none/agent", "/agent")]), asked, _notes.Add);
        Assert.That((kept.Remembered!.Mounts.Count, kept.Remembered.TemporaryMounts.Count), Is.EqualTo((0, 1)));
    }

    [Test]
    public void AMountThatIsThere_IsReplacedForThisRunOnly()
    {
        var kept = Of([Bind("/dev/null", "/a")], [Bind(_root, "/a")]);
        Assert.That((kept.Run.Mounts.Single().Source, kept.Remembered), Is.EqualTo((_root, (RunOptions?)null)));
    }

    [Test]
    public void WhatTheRunNamesItself_IsNeverLeftOut()
    {
        var kept = Of([Bind("/none/agent", "/agent")], [Bind("/none/agent", "/agent")]);
        Assert.That(kept.Run.Mounts.Single().Source, Is.EqualTo("/none/agent"), "mounting it fails, with an error");
        Assert.That(_notes, Is.Empty);
    }

    private KeptOptions Of(BindMount[] known, BindMount[] asked) => KeptOptions.Of(Record(known), new RunOptions { Mounts = asked }, _notes.Add);

    private static BindMount Bind(string source, string destination) => new(source, destination, ReadOnly: false);

    private static ContainerRecord Record(BindMount[] mounts) => new()
    {
        Name = "work",
        Image = ImageReference.Parse("registry.test/app"),
        ImageDigest = Digest.Parse("sha256:" + new string('0', 64)),
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions { Mounts = mounts },
    };
}
