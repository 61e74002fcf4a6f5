using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Finds out where the files of a layer are, when layers were applied base first and the uppermost is done: the names beside the tree that are not needed go.</summary>
internal static class LayerIndexFinalizer
{
    /// <summary>Writes down the states of one layer anew.</summary>
    /// <param name="tree">The finished tree.</param>
    /// <param name="layers">Its records of layers.</param>
    /// <param name="diffId">The layer, whose files were noted by <see cref="LayerRecorder.AddForNow"/>.</param>
    /// <param name="extent">What its archive was.</param>
    internal static void Finish(Fd tree, Fd layers, Digest diffId, LayerExtent extent)
    {
        using (var layer = StoredLayer.TryOpen(tree, layers, diffId, ignoredBits: 0, number: 0) ?? throw new LinuxException("open", LayerNames.Files(diffId), Errno.ENOENT))
        using (var recorder = new LayerRecorder(layers, diffId))
        {
            var allowance = AsideLimits.Together(extent.Bytes);
            while (layer.Next())
            {
                if (layer.Entry.Kind == EntryKind.File)
                {
                    Finish(layer, recorder, ref allowance);
                }
            }

            recorder.Complete(extent);
        }

        _ = FileSystem.TryUnlink(layers, PathZ.From(LayerNames.Aside(diffId)), directory: true); // if it is empty
    }

    private static void Finish(StoredLayer layer, LayerRecorder recorder, ref long allowance)
    {
        if (layer.State == FileState.Absent)
        {
            recorder.AddAbsent();
            return;
        }

        var isSeen = layer.TryFind(FileState.InTree, out _, out _, out var seen) && layer.LooksIntact(seen);
        if (layer.State == FileState.InTree || !layer.TryFind(FileState.Aside, out var directory, out var name, out var aside))
        {
            Add(recorder, isSeen ? FileState.InTree : FileState.Absent, layer.Sum);
            return;
        }

        var isInTree = isSeen && (seen.Inode == aside.Inode || aside.Links == 1 && layer.MustBeAlone);
        var isKept = !isInTree && (aside.Links > 1 || (AsideLimits.Allow(layer.Entry) && (allowance -= aside.Size) >= 0));
        if (!isKept)
        {
            FileSystem.TryUnlink(directory!, name);
        }

        Add(recorder, isInTree ? FileState.InTree : isKept ? FileState.Aside : FileState.Absent, layer.Sum);
    }

    private static void Add(LayerRecorder recorder, FileState state, ulong sum)
    {
        switch (state)
        {
            case FileState.InTree:
                recorder.AddInTree(sum);
                break;
            case FileState.Aside:
                recorder.AddAside(sum);
                break;
            default:
                recorder.AddAbsent();
                break;
        }
    }
}
