using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Moves the changes of a container from its own directory to the store's layers, before its first snapshot.</summary>
/// <remarks>
/// The file <c>layers</c> is written first and says that the move is under way; until the tree has its new place the old one counts. So a move that is cut short is
/// finished by who next holds the container.
/// </remarks>
internal static class LayerMove
{
    private const uint OwnerAll = 0b111_000_000; // u+rwx: a directory gets another parent only from who may write to it

    /// <summary>Makes a layer for the container's changes and moves them there, or finishes that. The caller holds the container, and the layers if it has no file yet.</summary>
    internal static LayerState Finish(StoreRoot store, StagingArea staging, ContainerDirectory directory)
    {
        var root = store.Open();
        if (!LayerState.TryRead(root, directory.Path, out var state))
        {
            throw new StoreException(
                $"cannot use container '{directory.Name}': its file '{LayerState.FileName}' is damaged", "'orca system check' says what is damaged, and what repairs it");
        }

        if (state is null)
        {
            var tree = directory.HasCopy ? ContainerDirectory.CopyName : ContainerDirectory.UpperName;
            var status = FileSystem.Status(root, PathZ.From($"{directory.Path}/{tree}"));
            if (status.Uid != CurrentUser.EffectiveUid)
            {
                throw new StoreException($"cannot keep the state of container '{directory.Name}': its root directory belongs to user {status.Uid} of the host, who alone may move it");
            }

            using var staged = staging.Reserve();
            using var layer = staged.MakeDirectory();
            state = new LayerState(StoredLayers.Publish(root, staged, layer, [])) { Moving = status.Permissions };
            state.Write(root, directory.Path);
        }

        return state.Moving is { } mode ? Move(root, directory, state, mode) : state;
    }

    /// <summary>The trees of a container that is held and whose trees are all there, once a move of them that was cut short is finished.</summary>
    internal static ContainerTrees Settle(StoreRoot store, StagingArea staging, ContainerDirectory directory)
    {
        var root = store.Open();
        if (LayerState.TryRead(root, directory.Path, out var state) && state is { Moving: not null })
        {
            using var layers = StoredLayers.Hold(root);
            Finish(store, staging, directory);
        }

        return ContainerTrees.Find(root, directory.Path)!;
    }

    private static LayerState Move(Fd root, ContainerDirectory directory, LayerState state, uint mode)
    {
        var layer = StoredLayers.PathOf(state.Upper);
        var owners = PathZ.From($"{directory.Path}/{RootFileSystem.OwnersName}");
        Check(FileSystem.TryHardLink(root, owners, root, PathZ.From($"{layer}/{RootFileSystem.OwnersName}")), "link", RootFileSystem.OwnersName, Errno.EEXIST);
        var isCopy = directory.HasCopy;
        var from = $"{directory.Path}/{(isCopy ? ContainerDirectory.CopyName : ContainerDirectory.UpperName)}";
        var to = $"{layer}/{(isCopy || StoreDirectory.Exists(root, $"{layer}/{ContainerDirectory.CopyName}") ? ContainerDirectory.CopyName : StoredLayers.TreeName)}";
        if (!ContainerTrees.HasTree(root, layer))
        {
            Check(FileSystem.TrySetMode(root, PathZ.From(from), mode | OwnerAll), "chmod", from);
            FileSystem.Rename(root, PathZ.From(from), root, PathZ.From(to));
        }

        Check(FileSystem.TrySetMode(root, PathZ.From(to), mode), "chmod", to);
        StoreDirectory.Sync(root, layer);
        StoreDirectory.Sync(root, directory.Path);
        state = state with { Moving = null };
        state.Write(root, directory.Path);
        FileSystem.TryUnlink(root, owners);
        return state;
    }

    private static void Check(Errno error, string call, string path, Errno tolerated = Errno.None)
    {
        if (error != Errno.None && error != tolerated && !(call == "link" && error == Errno.ENOENT))
        {
            throw new LinuxException(call, path, error);
        }
    }
}
