using Orca.Core.Containers;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Where a container's changes are: in its own directory, or, once it has snapshots, in the store's layers.</summary>
/// <param name="Home">The directory of the upper layer, or of the copy: the container's own, or a layer's.</param>
/// <param name="Upper">The upper tree.</param>
/// <param name="Copy">The whole copy in place of it; null normally.</param>
/// <param name="Lowers">The layers below the upper one, the top one first; none for a copy.</param>
internal sealed record ContainerTrees(string Home, string Upper, string? Copy, IReadOnlyList<string> Lowers)
{
    internal bool HasSnapshots { get; private init; }

    /// <summary>Returns the trees of a container; null when they cannot be told, as the file that names them is damaged.</summary>
    internal static ContainerTrees? Find(Fd root, string container)
    {
        if (!LayerState.TryRead(root, container, out var state))
        {
            return null;
        }

        if (state is null)
        {
            return At(root, container, ContainerDirectory.UpperName, []);
        }

        // Until the tree has been moved out of the container's directory, it counts there.
        return (state.Moving is not null && !HasTree(root, StoredLayers.PathOf(state.Upper)) ? At(root, container, ContainerDirectory.UpperName, []) : OfLayer(root, state.Upper)) is { } trees
            ? trees with { HasSnapshots = true } : null;
    }

    /// <summary>Returns the trees of a layer; null when what is below it cannot be told.</summary>
    internal static ContainerTrees? OfLayer(Fd root, string id) => StoredLayers.Below(root, id) is { } below
        ? At(root, StoredLayers.PathOf(id), StoredLayers.TreeName, Array.ConvertAll(below, static one => $"{StoredLayers.PathOf(one)}/{StoredLayers.TreeName}")) : null;

    internal static bool HasTree(Fd root, string layer) =>
        StoreDirectory.Exists(root, $"{layer}/{StoredLayers.TreeName}") || StoreDirectory.Exists(root, $"{layer}/{ContainerDirectory.CopyName}");

    private static ContainerTrees At(Fd root, string home, string upper, string[] lowers)
    {
        var copy = $"{home}/{ContainerDirectory.CopyName}";
        var isCopy = StoreDirectory.Exists(root, copy);
        return new ContainerTrees(home, $"{home}/{upper}", isCopy ? copy : null, isCopy ? [] : lowers);
    }

    /// <summary>Returns what of the trees cannot be used, in a few words; null when all is there.</summary>
    internal string? Describe(Fd root)
    {
        if (Copy is not null)
        {
            return DamagedPath.Describe(root, Copy, FileKind.Directory) is { } copy ? $"has lost its files: '{ContainerDirectory.CopyName}' {copy}" : null;
        }

        foreach (var path in (string[])[Upper, .. Lowers])
        {
            // The permissions are those of the container's root, and its owner can be a sub-id.
            var shown = HasSnapshots ? path : ContainerDirectory.UpperName;
            if (FileSystem.TryStatus(root, PathZ.From(path), out var status) != Errno.None)
            {
                return $"has lost its changes: '{shown}' is not there";
            }

            if (!status.IsDirectory)
            {
                return $"has lost its changes: '{shown}' is a {DamagedPath.Word(status.Kind)}, not a directory";
            }
        }

        return null;
    }

    /// <summary>Reads the owners that were noted while the layers were written to, the oldest note first.</summary>
    /// <param name="root">The store's root.</param>
    /// <param name="limit">The most of each table.</param>
    internal byte[] ReadOwners(Fd root, int limit)
    {
        var notes = new List<byte>();
        for (var i = Lowers.Count - 1; i >= -1; i--)
        {
            var home = i < 0 ? Home : Lowers[i][..Lowers[i].LastIndexOf('/')];
            notes.AddRange(WholeNotes(StoreDirectory.TryRead(root, $"{home}/{RootFileSystem.OwnersName}", limit)));
        }

        return [.. notes];
    }

    /// <summary>A note that was cut short is left out, or it would shift those after it.</summary>
    private static ReadOnlySpan<byte> WholeNotes(byte[]? table)
    {
        const int size = 48;
        return table.AsSpan(0, (table?.Length ?? 0) / size * size);
    }
}
