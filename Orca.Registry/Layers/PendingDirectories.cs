using System.Runtime.InteropServices;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Modes and times of directories that are set when a layer ends: until then its entries change them.</summary>
internal sealed class PendingDirectories
{
    /// <summary>Bounds the memory; beyond it times are set early, and a later entry in such a directory changes its time.</summary>
    private const int MaxCount = 200_000;

    private readonly Dictionary<ulong, Item> _items = [];

    /// <summary>Keeps a directory's time as it is; an entry of this layer for the directory itself has the last word.</summary>
    internal void Note(DirectoryNode directory, (long Seconds, uint Nanoseconds) time) =>
        _items.TryAdd(directory.Hash, new Item(directory.Path, null, time));

    /// <summary>Keeps what an entry says about a directory.</summary>
    internal void Set(byte[] path, ulong hash, uint mode, (long Seconds, uint Nanoseconds) time) =>
        _items[hash] = new Item(path, mode, time);

    /// <summary>The directory is gone.</summary>
    internal void Forget(ulong hash) => _items.Remove(hash);

    /// <summary>True when it is time to apply although the layer goes on.</summary>
    internal bool IsFull => _items.Count >= MaxCount;

    /// <summary>Sets everything that is pending.</summary>
    internal void Apply(FlatTree tree)
    {
        foreach (var item in _items.Values)
        {
            Apply(tree, item);
        }

        _items.Clear();
    }

    private static void Apply(FlatTree tree, Item item)
    {
        ReadOnlySpan<byte> path = item.Path;
        var cut = path.LastIndexOf((byte)'/');
        var isRoot = path.IsEmpty;
        if (tree.Chain.Open(cut < 0 ? [] : path[..cut], create: false) is not { } parent)
        {
            return;
        }

        var name = isRoot ? PathZ.OfTerminated(".\0"u8) : PathZ.From(path[(cut + 1)..]);
        if (FileSystem.TryOpen(parent.Handle, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory) != Errno.None)
        {
            return; // replaced by something else since
        }

        using (directory)
        {
            if (item.Mode is { } mode)
            {
                FileSystem.SetMode(directory!, mode | OwnerMode.Directory);
            }

            _ = FileSystem.TrySetTime(directory!, item.Time);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Item(byte[] Path, uint? Mode, (long Seconds, uint Nanoseconds) Time);
}
