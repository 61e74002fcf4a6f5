using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Makes one tree of several layers.</summary>
internal static class LayerCopy
{
    /// <summary>Fills a layer with a whole copy of a state, for hosts without overlay; blocks are shared where the file system can.</summary>
    /// <param name="root">The store's root.</param>
    /// <param name="layer">The new layer's directory.</param>
    /// <param name="image">The image.</param>
    /// <param name="trees">The state; null for the image's.</param>
    internal static void Make(Fd root, Fd layer, StoredImage image, ContainerTrees? trees)
    {
        FileSystem.MakeDirectory(layer, PathZ.From(ContainerDirectory.CopyName), StorePaths.DirectoryMode);
        using var target = FileSystem.OpenDirectory(layer, PathZ.From(ContainerDirectory.CopyName));
        if (trees?.Copy is { } copy)
        {
            using var source = FileSystem.OpenDirectory(root, PathZ.From(copy));
            TreeCopier.Copy(source, target);
            WriteOwners(root, layer, trees);
        }
        else
        {
            using (var lower = ImageTree.Open(root, image.Store, image.Rootfs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
            {
                TreeCopier.Copy(lower, target);
            }

            MergeInto(root, target, trees);
        }

        FileSystem.SyncFileSystem(target);
    }

    /// <summary>Applies the layers of a state to a copy of the image.</summary>
    internal static void MergeInto(Fd root, Fd target, ContainerTrees? trees)
    {
        for (var i = (trees?.Lowers.Count ?? -1) - 1; i >= -1 && trees is not null; i--)
        {
            using var upper = FileSystem.OpenDirectory(root, PathZ.From(i < 0 ? trees.Upper : trees.Lowers[i]));
            TreeCopier.Merge(upper, target);
        }
    }

    /// <summary>Makes one layer of a state's layers.</summary>
    /// <returns>Its name.</returns>
    internal static string Merge(Fd root, StagingArea staging, ContainerTrees trees)
    {
        using var staged = staging.Reserve();
        using var layer = staged.MakeDirectory();
        FileSystem.MakeDirectory(layer, PathZ.From(StoredLayers.TreeName), StorePaths.DirectoryMode);
        var opened = ContainerView.OpenAll(root, [trees.Upper, .. trees.Lowers]);
        try
        {
            using var target = FileSystem.OpenDirectory(layer, PathZ.From(StoredLayers.TreeName));
            LayerMerger.Merge(opened, target, isView: false);
        }
        finally
        {
            opened.ForEach(static tree => tree.Dispose());
        }

        WriteOwners(root, layer, trees);
        FileSystem.SyncFileSystem(layer);
        return StoredLayers.Publish(root, staged, layer, []);
    }

    private static void WriteOwners(Fd root, Fd layer, ContainerTrees trees)
    {
        if (trees.ReadOwners(root, int.MaxValue) is { Length: > 0 } owners)
        {
            StoreDirectory.WriteSynced(layer, RootFileSystem.OwnersName, owners);
        }
    }
}
