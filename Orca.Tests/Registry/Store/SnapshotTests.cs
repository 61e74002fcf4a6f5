using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Snapshots of containers on the disk: what each state shows, what goes when nothing needs it, what a crash leaves.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed partial class SnapshotTests : IDisposable
{
    private readonly TestStore _store = new();

    private readonly StoredImage _image;

    public SnapshotTests()
    {
        _image = _store.Add(TestImage.Of(new TarBuilder().Dir("etc/").File("etc/motd", "hello").File("etc/group", "g").Dir("etc/d/").File("etc/d/f", "f").Build()), "example.com/one:1");
        _store.Open().Containers.Create(_image, Record("work")).Dispose();
    }

    [Test]
    public void Undo_TakesBackWhatWasChangedSince_AndUndoOfItComesBack()
    {
        Write("a", "1");
        Assert.That(Snapshots().Take("work", "first"), Is.EqualTo(new SnapshotTaken(1, false)));
        Write("a", "2");
        Write("b", "2");
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(1, 2)));
        Assert.That(Tree("work"), Does.Contain("a 1").And.Not.Contain("b 2"));
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(2, 1)));
        Assert.That(Tree("work"), Does.Contain("a 2").And.Contain("b 2"));
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(1, 2)));
        Assert.That(Tree("work"), Does.Contain("a 1"));
    }

    [Test]
    public void Undo_WithoutASnapshot_IsTheImage_AndUnchangedItIsRefused()
    {
        Assert.That(() => Snapshots().Undo("work"), Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot undo container 'work': it has changed nothing in its image"));
        Write("a", "1");
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(0, 1)));
        Assert.That(Tree("work"), Does.Not.Contain("a 1"));
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(1, 0)));
        Assert.That(Tree("work"), Does.Contain("a 1"));
    }

    [Test]
    public void Undo_OfAnUnchangedSnapshot_GoesToTheOneBefore()
    {
        Write("a", "1");
        Snapshots().Take("work", "");
        Write("a", "2");
        Snapshots().Take("work", "");
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(1, 2)));
        Assert.That(Tree("work"), Does.Contain("a 1"));
    }

    [Test]
    public void Root_KeepsItsModeTimesAndAttributes()
    {
        var upper = Path.Combine(_store.Root, "containers/work/upper");
        using (var directory = FileSystem.OpenDirectory(null, PathZ.From(upper)))
        {
            Assert.That(FileSystem.TrySetXattr(directory, PathZ.From("user.mine"), "x"u8), Is.EqualTo(Errno.None).Or.EqualTo(Errno.EOPNOTSUPP));
            FileSystem.SetMode(directory, 0x16D); // 0555: its owner may not even write to it
            _ = FileSystem.TrySetTime(directory, (1_000_000_000, 5));
        }

        Snapshots().Take("work", "");
        Snapshots().Take("work", "");
        var root = Upper("work");
        Assert.That(TreeListing.Status(root, ".").Permissions, Is.EqualTo(0x16D));
        Assert.That(TreeListing.Status(root, ".").Modified, Is.EqualTo((1_000_000_000L, 5u)));
        Assert.That(TreeListing.Xattr(root, ".", "user.mine"), Is.Null.Or.EqualTo("x"u8.ToArray()));
    }

    [Test]
    public void WhiteoutsAndOpaqueDirectories_HideWhatIsInSnapshots()
    {
        Write("a/x", "1");
        Write("a/y", "1");
        Snapshots().Take("work", "");
        Hide("a/x");
        Hide("etc/motd");
        Snapshots().Take("work", "");
        MakeOpaque("a");
        Write("a/z", "3");
        Hide("etc/d");
        Assert.That(Tree("work"), Is.EqualTo(["a/z 3", "etc/group g"]));
        Assert.That(Changes(0), Is.EqualTo("A /a, A /a/z, C /etc, D /etc/d, D /etc/motd"));
        Assert.That(Changes(1), Is.EqualTo("C /a, D /a/x, D /a/y, A /a/z, C /etc, D /etc/d, D /etc/motd"));
        Assert.That(Changes(1, 2), Does.Contain("D /a/x").And.Contain("D /etc/motd").And.Not.Contain("/a/y"));
        Assert.That(Changes(2, 1), Does.Contain("A /a/x").And.Contain("A /etc/motd"));
        Assert.That(Container("work", static container => Text(container, "/a/z") + Text(container, "/a/y") + Text(container, "/etc/motd") + Text(container, "/etc/group")), Is.EqualTo("3--g"));
        Snapshots().Restore("work", 1);
        Assert.That(Tree("work"), Is.EqualTo(["a/x 1", "a/y 1", "etc/d/f f", "etc/group g", "etc/motd hello"]));
    }

    [Test]
    public void HardLinks_StayOneFile_InASnapshotAndInAMergedLayer()
    {
        Write("a", "1");
        using (var upper = FileSystem.OpenDirectory(null, PathZ.From(Upper("work"))))
        {
            Assert.That(FileSystem.TryHardLink(upper, PathZ.From("a"), upper, PathZ.From("b")), Is.EqualTo(Errno.None));
        }

        Snapshots().Take("work", "");
        for (var i = 0; i < StoredLayers.Most + 1; i++)
        {
            Write("n" + i, "x");
            Snapshots().Take("work", "");
        }

        var layer = Path.Combine(_store.Root, Container("work", static container => container.Root.Layers[^1]));
        Assert.That(Container("work", static container => container.Root.Layers), Has.Count.LessThanOrEqualTo(StoredLayers.Most));
        Assert.That(TreeListing.Status(layer, "a").Inode, Is.EqualTo(TreeListing.Status(layer, "b").Inode));
        Assert.That(Tree("work"), Has.Length.EqualTo(StoredLayers.Most + 1 + 5));
        Snapshots().Restore("work", 3);
        Assert.That(Tree("work"), Is.EqualTo(["a 1", "b 1", "etc/d/f f", "etc/group g", "etc/motd hello", "n0 x", "n1 x"]));
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void MergedLayer_HidesWhatItsLayersHid()
    {
        Write("a/x", "1");
        Snapshots().Take("work", "");
        Hide("a");
        Hide("etc/d");
        Snapshots().Take("work", "");
        MakeOpaque("etc/d");
        Write("etc/d/new", "3");
        for (var i = 0; i < StoredLayers.Most + 1; i++)
        {
            Snapshots().Take("work", "");
        }

        Assert.That(Tree("work"), Is.EqualTo(["etc/d/new 3", "etc/group g", "etc/motd hello"]));
        var merged = Path.Combine(_store.Root, Container("work", static container => container.Root.Layers[^1]));
        Assert.That(TreeListing.Xattr(merged, "etc/d", "user.overlay.opaque"), Is.EqualTo("y"u8.ToArray()));
        Assert.That(TreeListing.Status(merged, "a").Kind, Is.EqualTo(FileKind.CharDevice), "the image may have one of that name");
    }

    [Test]
    public void Branch_HasTheState_AndGoesItsOwnWay()
    {
        Write("a", "1");
        Snapshots().Take("work", "first");
        Write("b", "2");
        Snapshots().Branch("work", "other");
        Write("c", "3");
        Write("d", "4", "other");
        Assert.That(Tree("work"), Is.EqualTo(["a 1", "b 2", "c 3", "etc/d/f f", "etc/group g", "etc/motd hello"]));
        Assert.That(Tree("other"), Is.EqualTo(["a 1", "b 2", "d 4", "etc/d/f f", "etc/group g", "etc/motd hello"]));
        Assert.That(Snapshots().History("other").Snapshots.Select(static one => (one.Number, one.Kind, one.Message)), Is.EqualTo([(1, SnapshotKind.Asked, "first"), (2, SnapshotKind.Branched, "")]));
        _store.Open().Containers.Remove("work", force: false);
        Assert.That(Tree("other"), Is.EqualTo(["a 1", "b 2", "d 4", "etc/d/f f", "etc/group g", "etc/motd hello"]), "what it shares stays");
        Assert.That(() => Snapshots().Branch("other", "other"), Throws.TypeOf<StoreException>());
        _store.Open().Containers.Remove("other", force: false);
        Assert.That(_store.Names("layers"), Is.EqualTo(["lock"]));
    }

    [Test]
    public void Remove_KeepsWhatOthersNeed_AndNumbersAreNotUsedAgain()
    {
        Write("a", "1");
        Snapshots().Take("work", "");
        Write("b", "2");
        Snapshots().Take("work", "");
        Snapshots().Remove("work", 1);
        Assert.That(Tree("work"), Does.Contain("a 1").And.Contain("b 2"));
        Assert.That(() => Snapshots().Restore("work", 1), Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot restore container 'work': it has no snapshot 1"));
        Snapshots().Remove("work", 2);
        Assert.That(Snapshots().History("work"), Has.Property("Current").EqualTo(0).And.Property("IsChanged").True);
        Assert.That(Snapshots().Undo("work"), Is.EqualTo(new SnapshotMove(0, 3)));
        Snapshots().Remove("work", 3);
        Assert.That(Snapshots().History("work").Snapshots, Is.Empty);
        Assert.That(Tree("work"), Is.EqualTo(["etc/d/f f", "etc/group g", "etc/motd hello"]));
        Assert.That(_store.Names("layers"), Has.Length.EqualTo(2), "the container's own layer, and the lock");
        Write("c", "3");
        Assert.That(Snapshots().Take("work", "").Number, Is.EqualTo(4));
    }

    [Test]
    public void RunningContainer_IsRefused_WithTheWay()
    {
        using var running = _store.Open().Containers.Open("work");
        foreach (var change in (Action[])[() => Snapshots().Take("work", ""), () => Snapshots().Undo("work"), () => Snapshots().Restore("work", 0), () => Snapshots().Branch("work", "b"), () => Snapshots().Remove("work", 1)])
        {
            Assert.That(change, Throws.TypeOf<StoreException>().With.Message.EndsWith("container 'work': it runs").And.Property(nameof(OrcaException.Hint)).EqualTo("stop it first: orca stop work"));
        }
    }

    public void Dispose() => _store.Dispose();

    private SnapshotStore Snapshots() => new(_store.OpenRoot(), _store.Open().Images, TimeProvider.System);

    private ContainerRecord Record(string name) => new()
    {
        Name = name,
        Image = ImageReference.Parse("example.com/one:1"),
        ImageDigest = _image.Digest,
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions(),
    };

    private T Container<T>(string name, Func<IContainer, T> read)
    {
        using var container = _store.Open().Containers.Open(name);
        return read(container);
    }

    private string Upper(string name) => Path.Combine(_store.Root, Container(name, static container => container.Root.Upper!));

    private string LayerOf(int snapshot)
    {
        _ = LayerState.TryRead(_store.OpenRoot().Open(), "containers/work", out var state);
        return state!.LayerOf(snapshot)!;
    }

    private void Write(string path, string text, string name = "work")
    {
        var file = Path.Combine(Upper(name), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void Hide(string path)
    {
        var file = Path.Combine(Upper("work"), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var made = System.Diagnostics.Process.Start("mknod", [file, "c", "0", "0"]);
        made.WaitForExit();
        Assert.That(made.ExitCode, Is.Zero, "a whiteout, which every user may make since Linux 5.8");
    }

    private void MakeOpaque(string path)
    {
        Directory.CreateDirectory(Path.Combine(Upper("work"), path));
        using var directory = FileSystem.OpenDirectory(null, PathZ.From(Path.Combine(Upper("work"), path)));
        Assert.That(FileSystem.TrySetXattr(directory, PathZ.From("user.overlay.opaque"), "y"u8), Is.EqualTo(Errno.None));
    }

    /// <summary>The files that a container shows, as a copy of its trees has them, which the older code makes.</summary>
    private string[] Tree(string name)
    {
        var root = _store.OpenRoot().Open();
        var trees = ContainerTrees.Find(root, $"containers/{name}")!;
        var place = Path.Combine(_store.Base, "copy-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(place);
        using var layer = FileSystem.OpenDirectory(null, PathZ.From(place));
        LayerCopy.Make(root, layer, _image, trees);
        return Files(Path.Combine(place, "rootfs"));
    }

    private static string[] Files(string root) => [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories)
        .Select(file => $"{Path.GetRelativePath(root, file)} {File.ReadAllText(file)}").Order(StringComparer.Ordinal)];

    private string Changes(int from, int? to = null) => string.Join(", ", Snapshots().Compare("work", from, to).Select(static change => $"{(change.Kind == ChangeKind.Added ? "A" : change.Kind == ChangeKind.Changed ? "C" : "D")} {change.Path}"));

    private static string Text(IContainer container, string path) => container.ReadFile(path, 1000) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "-";
}
