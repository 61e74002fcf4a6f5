using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Adds up trees on the disk; what has several names is counted once, and known to be shared when some of the names lie in another tree.</summary>
internal sealed class DiskUsage
{
    private readonly Dictionary<(ulong Device, ulong Inode), Linked> _linked = [];
    private readonly List<Tree> _trees = [];

    /// <summary>Bytes on the disk of all trees together.</summary>
    internal long Total { get; private set; }

    /// <summary>Adds a tree, or a file, by its path below the root; nothing there is nothing.</summary>
    internal Tree Add(Fd root, string path)
    {
        var tree = new Tree();
        _trees.Add(tree);
        if (FileSystem.TryStatus(root, PathZ.From(path), out var status) != Errno.None)
        {
            return tree;
        }

        Count(tree, status);
        if (status.IsDirectory)
        {
            try
            {
                using var directory = FileSystem.OpenDirectory(root, PathZ.From(path));
                using var walker = new TreeWalker(directory);
                while (walker.Next())
                {
                    if (!walker.IsLeaving)
                    {
                        Count(tree, walker.Status);
                    }
                }
            }
            catch (LinuxException e) when (!DamagedPath.IsExhaustion(e.Errno))
            {
                // Somebody deletes it at this moment, or it cannot be read; what was seen so far is told.
            }
        }

        return tree;
    }

    /// <summary>Tells each tree what of it others use too. To be called once, after the last tree.</summary>
    internal void Settle()
    {
        foreach (var inode in _linked.Values)
        {
            foreach (var (tree, names) in inode.Trees)
            {
                if (names < inode.Links)
                {
                    tree.Shared += inode.Allocated;
                    tree.SharedSize += inode.Size;
                }
            }
        }
    }

    private void Count(Tree tree, in FileStatus status)
    {
        if (status.IsDirectory || status.Links == 1)
        {
            tree.Bytes += status.Allocated;
            Total += status.Allocated;
            return;
        }

        var key = (status.Device, status.Inode);
        if (!_linked.TryGetValue(key, out var inode))
        {
            _linked[key] = inode = new Linked(status.Links, status.Allocated, status.Kind == FileKind.Regular ? status.Size : 0);
            Total += status.Allocated;
        }

        if (inode.Trees.Count > 0 && ReferenceEquals(inode.Trees[^1].Tree, tree))
        {
            inode.Trees[^1] = (tree, inode.Trees[^1].Names + 1);
            return;
        }

        inode.Trees.Add((tree, 1));
        tree.Bytes += status.Allocated;
    }

    /// <summary>What was counted of one tree.</summary>
    internal sealed class Tree
    {
        /// <summary>Bytes on the disk.</summary>
        internal long Bytes { get; set; }

        /// <summary>Of these, in files with names outside the tree.</summary>
        internal long Shared { get; set; }

        /// <summary>The same in bytes of content.</summary>
        internal long SharedSize { get; set; }
    }

    private sealed record Linked(uint Links, long Allocated, long Size)
    {
        internal List<(Tree Tree, uint Names)> Trees { get; } = new(1);
    }
}
