using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>What the dead leave and prune deletes; what the living hold and it spares; how much is freed.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StorePruneTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly TestImage _image = TestImage.Small();

    public StorePruneTests() => _store.Add(_image, "example.com/one:1");

    [Test]
    public void LeftoversOfTheDead_AllGo_AndNothingElse()
    {
        var before = TreeListing.Paths(_store.Root);
        Directory.CreateDirectory(At("staging/0123456789abcdef/rootfs"));
        File.WriteAllText(At("staging/0123456789abcdef.lock"), "");
        File.WriteAllText(At("staging/orphan.lock"), "");
        File.WriteAllText(At($"parts/sha256-{_image.Content.Manifest.Layers[0].Digest.Hex}"), "of a published image");
        File.WriteAllText(At("parts/sha256-" + new string('e', 64)), "");
        File.WriteAllText(At("locks/sha256-" + new string('a', 64)), "");
        File.WriteAllText(At("refs/.new-0123456789abcdef"), "half");
        File.WriteAllText(At("refs/.example.com%one:1.12.34.tmp"), "half, of an older orca");
        File.WriteAllText(At(".new-0123456789abcdef"), "half");
        Directory.CreateDirectory(At("containers/run-0123456789ab/upper"));
        File.WriteAllText(At("containers/run-0123456789ab/record.json"), "{");
        File.WriteAllText(At("containers/run-0123456789ab/lock"), "");
        Directory.CreateDirectory(At("containers/unborn/upper"));
        Directory.CreateDirectory(At("images/sha256-" + new string('d', 64)));
        var report = _store.Upkeep().Prune(new PruneOptions());
        Assert.That(TreeListing.Paths(_store.Root), Is.EqualTo(before));
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Images, Is.EqualTo([Digest.Parse("sha256:" + new string('d', 64))]));
        Assert.That(report.Containers, Is.EquivalentTo(["run-0123456789ab", "unborn"]));
        Assert.That((report.Parts, report.Leftovers, report.Locks), Is.EqualTo((2, 5, 1)));
    }

    [Test]
    public void WhatIsHeldOrUnknown_Stays()
    {
        using var building = _store.Open().Images.Begin(TestImage.Small("other").Content);
        Directory.CreateDirectory(At("containers/run-0123456789ab"));
        using var running = OtherProcess.HoldLock(At("containers/run-0123456789ab/lock"));
        using var writing = OtherProcess.HoldLock(At("refs/.new-0123456789abcdef"));
        using var waiting = OtherProcess.HoldLock(At("locks/sha256-" + new string('a', 64)));
        File.WriteAllText(At("images/readme"), "mine");
        File.WriteAllText(At("parts/sha256-" + new string('e', 64)), "an interrupted pull's");
        File.WriteAllText(At("notes"), "mine");
        var before = TreeListing.Paths(_store.Root);
        var report = _store.Upkeep().Prune(new PruneOptions());
        Assert.That(TreeListing.Paths(_store.Root), Is.EqualTo(before));
        Assert.That((report.Leftovers, report.Locks, report.Containers.Count, report.Parts, report.Images.Count), Is.EqualTo((0, 0, 0, 0, 0)));
        Assert.That(_store.Upkeep().Prune(new PruneOptions { Unfinished = true }).Parts, Is.EqualTo(1));
    }

    [Test]
    public void Freed_IsWhatTheDiskGotBack_AndNotWhatAnotherImageStillUses()
    {
        var big = new string('x', 100_000);
        var twin = TestImage.Of(new TarBuilder().File("shared", big).File("own", big).Build());
        var keeper = TestImage.Of(new TarBuilder().File("shared", big).File("more", "y").Build());
        _store.Add(twin, "twin");
        _store.Add(keeper, "keeper");
        Link(Tree(keeper), Tree(twin), "shared");
        var usage = _store.Meter().Measure();
        var first = usage.Images.Single(one => one.Image.References[0].Familiar == "twin:latest");
        Assert.That(first.Shared, Is.InRange(100_000, 110_000));
        Assert.That(first.Own, Is.InRange(100_000, 160_000));
        Assert.That(usage.ImageBytes, Is.EqualTo(usage.Images.Sum(one => one.Bytes) - first.Shared), "what is shared is counted once");
        File.Delete(At("refs/docker.io%library%twin:latest"));
        Assert.That(_store.Upkeep().Prune(new PruneOptions()).Bytes, Is.EqualTo(first.Own));
        Assert.That(File.ReadAllText(Tree(keeper) + "/shared"), Is.EqualTo(big));
        Assert.That(_store.Meter().Measure().Images.Select(one => one.Shared), Is.All.Zero);
    }

    [Test]
    public void Sharing_IsMeasuredAmongImagesWithACommonLayer()
    {
        var common = new TarBuilder().File("shared", new string('x', 1000)).Build();
        var first = TestImage.Of(common, new TarBuilder().File("a", "1").Build());
        byte[][] other = [common, new TarBuilder().File("b", "2").Build()];
        var second = TestImage.OfBlobs(other, other); // packed otherwise
        _store.Add(first, "first");
        _store.Add(second, "second");
        _store.Add(TestImage.Of(new TarBuilder().File("c", "3").Build()), "third");
        Assert.That(_store.Meter().MeasureSharing().Select(one => (one.Image.Digest, one.Shared)), Is.EquivalentTo([(first.Content.Digest, 1000L), (second.Content.Digest, 1000L)]));
    }

    /// <summary>Without its directory of names each image would count as one that nobody named.</summary>
    [Test]
    public void MissingDirectoryOfNames_KeepsAllImages_UntilSomebodyDeletesTheMark()
    {
        var one = TestImage.Of(new TarBuilder().File("one", "1").Build());
        _store.Add(one, "one");
        _store.Add(TestImage.Of(new TarBuilder().File("two", "2").Build()), "two");
        Directory.Delete(At("refs"), recursive: true);
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings.Select(static finding => finding.What), Has.One.EqualTo("directory 'refs'"));
        for (var time = 0; time < 2; time++)
        {
            Assert.That(_store.Upkeep().Prune(new PruneOptions()).Images, Is.Empty);
            _store.Add(one, "one"); // names it again; the other one stays nameless
        }

        Assert.That(_store.Open().Images.List(), Has.Count.EqualTo(3));
        File.Delete(At("refs/NAMES-WERE-LOST"));
        Assert.That(_store.Upkeep().Prune(new PruneOptions()).Images, Has.Count.EqualTo(2));
        Assert.That(_store.Open().Images.List().Select(static image => image.Digest), Is.EqualTo([one.Content.Digest]));
    }

    [Test]
    public void RemovalByDigest_WhileNamesCannotBeListed_IsRefused()
    {
        var one = TestImage.Of(new TarBuilder().File("one", "1").Build());
        _store.Add(one, "one");
        var pinned = ImageReference.Parse($"one@{one.Content.Digest}");
        Directory.Move(At("refs"), At("aside"));
        File.WriteAllText(At("refs"), "in its place");
        Assert.That(() => _store.Open().Images.Remove(pinned, force: true), Throws.InstanceOf<StoreException>().With.Message.Contain("is a regular file, not a directory"));
        File.Delete(At("refs"));
        Directory.Move(At("aside"), At("refs"));
        Assert.That(_store.Open().Images.List(), Has.Count.EqualTo(2));
    }

    private string At(string path) => Path.Combine(_store.Root, path);

    private string Tree(TestImage image) => At($"images/sha256-{image.Content.Digest.Hex}/rootfs");

    private static void Link(string from, string to, string name)
    {
        File.Delete(Path.Combine(to, name));
        Assert.That(FileSystem.TryHardLink(null, PathZ.From(Path.Combine(from, name)), null, PathZ.From(Path.Combine(to, name))), Is.EqualTo(Errno.None));
    }

    public void Dispose() => _store.Dispose();
}
