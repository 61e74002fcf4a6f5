using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <content>What is known of snapshots without holding the container.</content>
internal sealed partial class SnapshotStore
{
    public SnapshotHistory History(string name)
    {
        var (root, _) = Find("show the history of", name);
        var trees = ContainerTrees.Find(root, StorePaths.Container(name)) ?? throw Damaged("show the history of", name);
        _ = LayerState.TryRead(root, StorePaths.Container(name), out var state);
        return new SnapshotHistory([.. (state?.Snapshots ?? []).Select(static one => one.Snapshot)], state?.Base ?? 0, IsChanged(root, StorePaths.Container(name), trees));
    }

    public IReadOnlyList<ContainerChange> Compare(string name, int from, int? to)
    {
        const string verb = "compare states of";
        var (root, record) = Find(verb, name);
        var image = images.Find(record.ImageDigest) ?? throw Refuse(verb, name, "its image is not whole in the store");
        if (!LayerState.TryRead(root, StorePaths.Container(name), out var state))
        {
            throw Damaged(verb, name);
        }

        string[] Trees(int? number)
        {
            var trees = number is { } wanted ? wanted == 0 ? null : StoredTrees(verb, name, root, state?.LayerOf(wanted) ?? throw NoSnapshot(verb, name, wanted))
                : ContainerTrees.Find(root, StorePaths.Container(name)) ?? throw Damaged(verb, name);
            return trees?.Copy is null ? trees is null ? [] : [trees.Upper, .. trees.Lowers]
                : throw Refuse(verb, name, "the host has no overlay mounts, so each is a copy of the image");
        }

        var (before, after) = (Trees(from), Trees(to));
        var (opened, others) = (OpenWithImage(root, before, image), OpenWithImage(root, after, image));
        try
        {
            return LayerComparison.Run(opened, [.. before, image.Rootfs], others, [.. after, image.Rootfs]);
        }
        finally
        {
            opened.ForEach(static tree => tree.Dispose());
            others.ForEach(static tree => tree.Dispose());
        }
    }

    /// <summary>Opens the trees of a state, and the image's below them.</summary>
    private static List<Fd> OpenWithImage(Fd root, string[] trees, StoredImage image)
    {
        var opened = ContainerView.OpenAll(root, trees);
        opened.Add(ImageTree.Open(root, image.Store, image.Rootfs, O_PATH | O_DIRECTORY | O_NOFOLLOW));
        return opened;
    }

    private static ContainerTrees StoredTrees(string verb, string name, Fd root, string layer) => ContainerTrees.OfLayer(root, layer) ?? throw Damaged(verb, name);

    /// <summary>Whether a container differs from the snapshot below it.</summary>
    private static bool IsChanged(Fd root, string path, ContainerTrees trees)
    {
        if (trees.Copy is not null)
        {
            // A copy does not say so: it counts as changed by any run since the last snapshot, undo or restore.
            return FileSystem.TryStatus(root, PathZ.From($"{path}/{LayerState.FileName}"), out var written) != Errno.None
                || (FileSystem.TryStatus(root, PathZ.From($"{path}/{ContainerStatus.FileName}"), out var run) == Errno.None && run.Modified.CompareTo(written.Modified) > 0);
        }

        if (LayerState.TryRead(root, path, out var state) && state is { IsAhead: true })
        {
            return true;
        }

        using var tree = FileSystem.Open(root, PathZ.From(trees.Upper), O_PATH | O_DIRECTORY | O_NOFOLLOW);
        using var upper = StoredLayers.TryOpenDirectory(tree, []);
        return upper is not null && DirectoryReader.ReadAll(upper).Count > 0;
    }

    private (Fd Root, ContainerRecord Record) Find(string verb, string name) =>
        ContainerNames.IsValid(name) && store.TryOpen() is { } root && ContainerCatalog.Read(root, name) is { IsKept: true } entry ? (root, entry.Record) : throw ContainerStore.Missing(verb, name);

    private static StoreException Refuse(string verb, string name, string cause, string? hint = null) => new($"cannot {verb} container '{Quoted.Text(name)}': {cause}", hint);

    private static StoreException Damaged(string verb, string name) =>
        Refuse(verb, name, $"its file '{LayerState.FileName}' is damaged", "'orca system check' says what is damaged, and what repairs it");

    private static StoreException NoSnapshot(string verb, string name, int number) =>
        Refuse(verb, name, $"it has no snapshot {number}", $"'orca history {name}' lists what is there");
}
