using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Upkeep;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <content>Snapshots that are damaged, cut short, measured, or copies.</content>
internal sealed partial class SnapshotTests
{
    [Test]
    public void DamagedState_IsNamed_AndNoLayerGoesWhileItCannotBeRead()
    {
        Write("a", "1");
        Snapshots().Take("work", "");
        var before = TreeListing.Paths(_store.Root + "/layers");
        File.WriteAllText(Path.Combine(_store.Root, "containers/work/layers"), "orca layers 1\nupper ");
        Assert.That(() => Snapshots().Undo("work"), Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot undo container 'work': its file 'layers' is damaged"));
        Assert.That(() => _store.Open().Containers.Open("work"), Throws.TypeOf<StoreException>());
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).IsDamaged);
        _store.Upkeep().Prune(new PruneOptions());
        Assert.That(TreeListing.Paths(_store.Root + "/layers"), Is.EqualTo(before));
        _store.Open().Containers.Remove("work", force: false);
        Assert.That(_store.Names("layers"), Is.EqualTo(["lock"]));
    }

    [Test]
    public void LostLayer_IsFound_AndItsSnapshotCanBeForgotten()
    {
        Write("a", "1");
        Snapshots().Take("work", "");
        Snapshots().Restore("work", 0);
        var layer = LayerOf(1);
        Directory.Delete(Path.Combine(_store.Root, "layers", layer), recursive: true);
        var finding = _store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings.Single();
        Assert.That((finding.What, finding.Repair), Is.EqualTo(("container work", "orca snapshot rm work 1 # forgets it")));
        Assert.That(() => Snapshots().Restore("work", 1), Throws.TypeOf<StoreException>());
        Snapshots().Remove("work", 1);
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void Usage_ShowsWhatSnapshotsCost_AndWhatPruneFrees()
    {
        Write("a", new string('x', 100_000));
        Snapshots().Take("work", "");
        Write("b", new string('x', 50_000));
        var usage = _store.Meter().Measure();
        Assert.That(usage.Snapshots.Count, Is.EqualTo(1));
        Assert.That(usage.Snapshots.Bytes, Is.InRange(100_000, 120_000));
        Assert.That(usage.Containers.Single().Bytes, Is.InRange(50_000, 90_000));
        Directory.CreateDirectory(Path.Combine(_store.Root, "layers/0123456789ab/tree"));
        Assert.That(_store.Meter().Measure().Garbage.Count, Is.EqualTo(1));
        Assert.That(_store.Upkeep().Prune(new PruneOptions()).Leftovers, Is.EqualTo(1));
        Assert.That(_store.Meter().Measure().Garbage.Count, Is.Zero);
        Assert.That(Tree("work"), Has.Length.EqualTo(5));
    }

    [Test]
    public void MoveThatWasCutShort_IsFinishedByTheNextRun()
    {
        Write("a", "1");
        var state = new LayerState("0123456789ab") { Moving = TreeListing.Status(Upper("work"), ".").Permissions };
        Directory.CreateDirectory(Path.Combine(_store.Root, "layers/0123456789ab"));
        File.WriteAllText(Path.Combine(_store.Root, "layers/0123456789ab/below"), "end\n");
        File.WriteAllText(Path.Combine(_store.Root, "containers/work/layers"), state.Format());
        Assert.That(Changes(0), Is.EqualTo("A /a"), "without the lock, from where it is");
        Assert.That(Container("work", static container => container.Root.Upper), Is.EqualTo("layers/0123456789ab/tree"));
        Assert.That(Tree("work"), Does.Contain("a 1"));
    }

    [Test]
    public void CopiesInPlaceOfOverlay_HaveSnapshots_Too()
    {
        using (var container = _store.Open().Containers.Open("work"))
        {
            container.MaterializeCopy();
        }

        File.WriteAllText(Path.Combine(_store.Root, "containers/work/rootfs/a"), "1");
        Assert.That(Snapshots().Take("work", ""), Is.EqualTo(new SnapshotTaken(1, true)));
        var copy = Path.Combine(_store.Root, Container("work", static container => container.Root.Copy!));
        File.WriteAllText(Path.Combine(copy, "a"), "2");
        File.WriteAllText(Path.Combine(_store.Root, "containers/work/status"), "started 1 0\n"); // as a run does
        Snapshots().Undo("work");
        Assert.That(File.ReadAllText(Path.Combine(_store.Root, Container("work", static container => container.Root.Copy!), "a")), Is.EqualTo("1"));
        Snapshots().Undo("work");
        Assert.That(File.ReadAllText(Path.Combine(_store.Root, Container("work", static container => container.Root.Copy!), "a")), Is.EqualTo("2"));
        Assert.That(() => Changes(1), Throws.TypeOf<StoreException>().With.Message.Contains("no overlay mounts"));
    }

    [Test]
    public void ContainerWithSnapshots_BecomesACopy_WhereOverlayIsLost()
    {
        Write("a", "1");
        Snapshots().Take("work", "");
        Hide("etc/motd");
        var expected = Tree("work");
        using (var container = _store.Open().Containers.Open("work"))
        {
            container.MaterializeCopy();
            Assert.That(Files(Path.Combine(_store.Root, container.Root.Copy!)), Is.EqualTo(expected));
        }

        File.WriteAllText(Path.Combine(_store.Root, "containers/work/status"), "started 1 0\n"); // as a run does

        Snapshots().Restore("work", 1);
        Assert.That(Tree("work"), Does.Contain("etc/motd hello").And.Contain("a 1"));
    }
}
