using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Lists the directories of trees that lie one above the other, as an overlay of them would show them. The top one is the first.</summary>
internal sealed class LayerStack(IReadOnlyList<Fd> trees)
{
    internal IReadOnlyList<Fd> Trees => trees;

    /// <summary>What a directory shows, by name.</summary>
    /// <param name="path">Its path, without links.</param>
    /// <param name="end">How many of the trees, from the top, show through there.</param>
    internal SortedDictionary<byte[], StackEntry> List(byte[] path, int end)
    {
        var entries = new SortedDictionary<byte[], StackEntry>(ByteOrder.Instance);
        for (var tree = 0; tree < end; tree++)
        {
            if (StoredLayers.TryOpenDirectory(trees[tree], path) is not { } directory)
            {
                continue;
            }

            using (directory)
            {
                foreach (var (name, _) in DirectoryReader.ReadAll(directory))
                {
                    if (FileSystem.TryStatus(directory, PathZ.From(name), out var status) == Errno.None)
                    {
                        Add(entries, name, MergedTree.Below(path, name), tree, status);
                    }
                }
            }
        }

        foreach (var entry in entries.Values)
        {
            entry.End = entry.IsOpen ? end : entry.End;
        }

        return entries;
    }

    private void Add(SortedDictionary<byte[], StackEntry> entries, byte[] name, byte[] path, int tree, FileStatus status)
    {
        if (!entries.TryGetValue(name, out var entry))
        {
            entries.Add(name, entry = new StackEntry(tree, status) { IsOpen = status.IsDirectory, End = tree + 1 });
        }
        else if (!entry.IsOpen)
        {
            return;
        }
        else if (!status.IsDirectory)
        {
            (entry.IsOpen, entry.IsOpaque, entry.End) = (false, true, tree); // a whiteout or a file: what is below it is hidden
            return;
        }

        if (status.IsDirectory)
        {
            entry.Shown.Add(tree);
            using var directory = StoredLayers.TryOpenDirectory(trees[tree], path);
            if (directory is not null && MergedTree.IsOpaque(directory))
            {
                (entry.IsOpen, entry.IsOpaque, entry.End) = (false, true, tree + 1);
            }
        }
    }
}

/// <summary>What is at a name in trees that lie one above the other.</summary>
/// <param name="tree">The highest tree that has it.</param>
/// <param name="status">What it is there; a whiteout, too.</param>
internal sealed class StackEntry(int tree, FileStatus status)
{
    internal int Tree => tree;

    internal FileStatus Status => status;

    internal bool IsWhiteout => MergedTree.IsWhiteout(status);

    /// <summary>The trees whose directories of this name are shown together.</summary>
    internal List<int> Shown { get; } = [];

    /// <summary>How many trees, from the top, show through in the directory.</summary>
    internal int End { get; set; }

    /// <summary>True while the next tree's directory of this name would show through.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>Whether the directory hides what lies below all trees that show through in it.</summary>
    internal bool IsOpaque { get; set; }
}

/// <summary>Orders names by their bytes.</summary>
internal sealed class ByteOrder : IComparer<byte[]>
{
    internal static readonly ByteOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
