using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>One thing in a tree, as an archive tells it. The walker fills the same object again for each.</summary>
internal sealed class TreeItem
{
    /// <summary>Relative to the root, without a slash at either end; empty for the root itself.</summary>
    internal byte[] Path { get; set; } = [];

    internal EntryKind Kind { get; set; }

    /// <summary>Permission bits with set-id and sticky, 0-07777.</summary>
    internal uint Mode { get; set; }

    internal uint Uid { get; set; }

    internal uint Gid { get; set; }

    /// <summary>Bytes of a file; 0 for everything else.</summary>
    internal long Size { get; set; }

    /// <summary>Where the data of a file is; null for one that is stored whole.</summary>
    internal SparseLayout? Sparse { get; set; }

    /// <summary>Bytes that the entry takes in the archive, behind its header.</summary>
    internal long StoredSize => Sparse is { } layout ? layout.Map.Length + layout.DataBytes : Size;

    internal (long Seconds, uint Nanoseconds) Modified { get; set; }

    /// <summary>What a link points to.</summary>
    internal byte[] Target { get; set; } = [];

    internal (uint Major, uint Minor) Device { get; set; }

    /// <summary>True: the item is a whiteout or the mark of an opaque directory, which the layer has for what is not there.</summary>
    internal bool IsWhiteout { get; set; }

    internal List<(byte[] Name, byte[] Value)> Xattrs { get; } = [];

    /// <summary>A file, open; the walker closes it when it goes on.</summary>
    internal Fd? Content { get; set; }
}
