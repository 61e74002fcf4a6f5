using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>A container's changes as one tree, to read them: its upper directory itself, or one of all its layers, made of hard links, that goes when this is disposed.</summary>
internal sealed class ContainerView : IDisposable
{
    private readonly StagedName? _staged;

    private ContainerView(string? path, bool isCopy, byte[] owners, StagedName? staged) => (Path, IsCopy, Owners, _staged) = (path, isCopy, owners, staged);

    /// <summary>The tree's path below the store's root; null when the container has none.</summary>
    internal string? Path { get; }

    /// <summary>Whether the tree is a whole copy of the image with the changes.</summary>
    internal bool IsCopy { get; }

    /// <summary>The table of the owners that were noted.</summary>
    internal byte[] Owners { get; }

    /// <summary>Opens the view of a container, which may run.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The container.</param>
    /// <param name="limit">The most of each table of owners.</param>
    internal static ContainerView Open(StoreRoot store, string name, int limit)
    {
        var root = store.Open();
        var trees = ContainerTrees.Find(root, StorePaths.Container(name))
            ?? throw new StoreException($"cannot read container '{name}': its file '{LayerState.FileName}' is damaged", "'orca system check' says what is damaged, and what repairs it");
        var owners = trees.ReadOwners(root, limit);
        if (trees.Copy is not null || trees.Lowers.Count == 0)
        {
            var path = trees.Copy ?? trees.Upper;
            return new ContainerView(StoreDirectory.Exists(root, path) ? path : null, trees.Copy is not null, owners, null);
        }

        var staged = new StagingArea(store).Reserve();
        try
        {
            var opened = OpenAll(root, [trees.Upper, .. trees.Lowers]);
            try
            {
                using var target = staged.MakeDirectory();
                LayerMerger.Merge(opened, target, isView: true);
            }
            finally
            {
                opened.ForEach(static tree => tree.Dispose());
            }

            return new ContainerView(staged.Path, false, owners, staged);
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Opens trees by their paths below the store's root.</summary>
    internal static List<Fd> OpenAll(Fd root, IReadOnlyList<string> paths)
    {
        var opened = new List<Fd>(paths.Count);
        try
        {
            foreach (var path in paths)
            {
                opened.Add(FileSystem.Open(root, PathZ.From(path), O_PATH | O_DIRECTORY | O_NOFOLLOW));
            }

            return opened;
        }
        catch
        {
            opened.ForEach(static tree => tree.Dispose());
            throw;
        }
    }

    public void Dispose() => _staged?.Dispose();
}
