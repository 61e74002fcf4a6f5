using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Core.Containers;

/// <summary>What of a kept container's mounts is left out, replaced and remembered when their sources are gone.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KeptOptionsTests : IDisposable
{
    private static readonly LinkedPaths s_empty = new(new Dictionary<string, string>());
    private readonly string _root = FileConditions.MakeRoot();
    private readonly List<string> _notes = [];

    public void Dispose() => FileConditions.Remove(_root);

    [Test]
    public void AllThatIsThere_StaysAsItWas_WithoutANote()
    {
        var kept = Of([Bind(_root, "/a"), Bind("/dev/null", "/b")], []);
        Assert.That((kept.Run.Files.Mounts.Count, kept.Remembered, _notes.Count), Is.EqualTo((2, (RunOptions?)null, 0)));
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
        Assert.That(kept.Run.Files.Mounts.Select(mount => mount.Destination), Is.EqualTo(["/a"]));
        Assert.That(kept.Remembered, Is.Null, "the agent may be back for the next run");
        Assert.That(_notes, Has.One.Contains($"'{path}' on '/agent' is left out: E").And.One.Contains("'orca run --name work -v SOURCE:/agent'"));
    }

    [TestCase("/agent")]
    [TestCase("/agent/")]
    public void ALostMount_ThatTheRunReplaces_IsReplacedForGood(string destination)
    {
        var kept = Of([Bind("/dev/null", "/a"), Bind("/none/agent", "/agent")], [Bind(_root, destination), Bind(_root, "/other")]);
        Assert.That(kept.Run.Files.Mounts.Select(mount => mount.Source), Is.EqualTo(["/dev/null", _root, _root]));
        Assert.That(kept.Remembered!.Files.Mounts.Select(mount => (mount.Source, mount.Destination)), Is.EqualTo([("/dev/null", "/a"), (_root, destination)]));
        Assert.That(_notes, Is.Empty);
    }

    [Test]
    public void ALostMount_ThatATemporaryOneReplaces_IsReplacedForGood()
    {
        var asked = new RunOptions { Files = new() { TemporaryMounts = [TemporaryMount.Parse("/agent")] } };
        var kept = KeptOptions.Of(Record([Bind("/none/agent", "/agent")]), s_empty, asked, _notes.Add);
        Assert.That((kept.Remembered!.Files.Mounts.Count, kept.Remembered.Files.TemporaryMounts.Count), Is.EqualTo((0, 1)));
    }

    [TestCase("/m", RootEntryKind.File, "it is a directory, and the container has a file at '/m'")]
    [TestCase("/m", RootEntryKind.Unreachable, "nothing can be at '/m' in the container: a file is on the way, or symbolic links go in a circle")]
    [TestCase("/m", RootEntryKind.Directory, null)]
    [TestCase("/m", RootEntryKind.Missing, null)]
    public void ADirectoryThatFitsItsPlaceNoMore_IsLeftOut_WithANote(string place, RootEntryKind kind, string? cause)
    {
        var root = new LinkedPaths(new Dictionary<string, string>(), new RootEntry(place, kind));
        var kept = KeptOptions.Of(Record([Bind(_root, place)]), root, new RunOptions(), _notes.Add);
        Assert.That((kept.Run.Files.Mounts.Count, kept.Remembered), Is.EqualTo((cause is null ? 1 : 0, (RunOptions?)null)));
        Assert.That(_notes, cause is null ? Is.Empty : Has.One.EqualTo($"the mount of '{_root}' on '{place}' is left out: {cause}; another for good: 'orca run --name work -v SOURCE:{place}'"));
    }

    [Test]
    public void AFileWhereADirectoryWas_IsLeftOut_OrMountedInItsPlace_WhereThatIsEmpty()
    {
        var place = new RootEntry("/m", RootEntryKind.Directory);
        Assert.That(Of(place).Run.Files.Mounts, Is.Empty);
        Assert.That(_notes, Has.One.Contains("is left out: it is a file, and the container has a directory at '/m'"));
        Assert.That(Of(place with { IsEmptyPlace = true }).Run.Files.Mounts, Has.Count.EqualTo(1));

        KeptOptions Of(RootEntry entry) => KeptOptions.Of(Record([Bind("/dev/null", "/m")]), new LinkedPaths(new Dictionary<string, string>(), entry), new RunOptions(), _notes.Add);
    }

    [Test]
    public void WhatLiesInALostMount_IsLookedAtWithoutIt()
    {
        Directory.CreateDirectory(Path.Combine(_root, "d"));
        var kept = Of([new BindMount(Path.Combine(_root, "d"), "/m", ReadOnly: true), Bind(_root, "/m/none"), Bind("/none", "/n"), Bind(_root, "/n/x")], []);
        Assert.That(kept.Run.Files.Mounts.Select(mount => mount.Destination), Is.EqualTo(["/m", "/n/x"]));
        Assert.That(_notes, Has.Count.EqualTo(2).And.One.Contains("'/m/none' is left out: '-v " + _root + "/d:/m:ro' is read-only, and the place is missing in it"));
    }

    [Test]
    public void AMountOfAnotherKind_ThatTheRunAsksFor_IsRememberedInPlaceOfTheLostOne()
    {
        var entry = new RootEntry("/m", RootEntryKind.File) { IsEmptyPlace = false };
        var root = new LinkedPaths(new Dictionary<string, string>(), entry);
        var kept = KeptOptions.Of(Record([Bind(_root, "/m")]), root, new RunOptions { Files = new() { Mounts = [Bind("/dev/null", "/m")] } }, _notes.Add);
        Assert.That((kept.Run.Files.Mounts.Single().Source, kept.Remembered!.Files.Mounts.Single().Source, _notes.Count), Is.EqualTo(("/dev/null", "/dev/null", 0)));
    }

    [Test]
    public void AMountThatIsThere_IsReplacedForThisRunOnly()
    {
        var kept = Of([Bind("/dev/null", "/a")], [Bind(_root, "/a")]);
        Assert.That((kept.Run.Files.Mounts.Single().Source, kept.Remembered), Is.EqualTo((_root, (RunOptions?)null)));
    }

    [Test]
    public void WhatTheRunNamesItself_IsNeverLeftOut()
    {
        var kept = Of([Bind("/none/agent", "/agent")], [Bind("/none/agent", "/agent")]);
        Assert.That(kept.Run.Files.Mounts.Single().Source, Is.EqualTo("/none/agent"), "mounting it fails, with an error");
        Assert.That(_notes, Is.Empty);
    }

    private KeptOptions Of(BindMount[] known, BindMount[] asked) => KeptOptions.Of(Record(known), s_empty, new RunOptions { Files = new() { Mounts = asked } }, _notes.Add);

    private static BindMount Bind(string source, string destination) => new(source, destination, ReadOnly: false);

    private static ContainerRecord Record(BindMount[] mounts) => new()
    {
        Name = "work",
        Image = ImageReference.Parse("registry.test/app"),
        ImageDigest = Digest.Parse("sha256:" + new string('0', 64)),
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions { Files = new() { Mounts = mounts } },
    };
}
