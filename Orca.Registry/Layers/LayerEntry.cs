using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>What an entry makes.</summary>
internal enum EntryKind : byte
{
    File,
    HardLink,
    SymbolicLink,
    CharDevice,
    BlockDevice,
    Directory,
    Fifo,
}

/// <summary>One entry of a layer archive. The reader fills the same object again for every entry, so that reading makes no garbage.</summary>
internal sealed class LayerEntry
{
    private readonly ArrayBufferWriter<byte> _name = new(256);
    private readonly ArrayBufferWriter<byte> _target = new(256);

    /// <summary>The layer's number, from 1.</summary>
    internal int Layer { get; init; }

    /// <summary>Where the entry's own header starts in the archive.</summary>
    internal long Offset { get; set; }

    internal EntryKind Kind { get; set; }

    /// <summary>The path as the archive has it.</summary>
    internal ReadOnlySpan<byte> Name => _name.WrittenSpan;

    /// <summary>The target of a link as the archive has it.</summary>
    internal ReadOnlySpan<byte> Target => _target.WrittenSpan;

    /// <summary>Permission bits with set-id and sticky, 0-07777.</summary>
    internal uint Mode { get; set; }

    internal uint Uid { get; set; }

    internal uint Gid { get; set; }

    /// <summary>The file's size as it will appear.</summary>
    internal long Size { get; set; }

    /// <summary>Seconds since 1970, and nanoseconds.</summary>
    internal (long Seconds, uint Nanoseconds) Modified { get; set; }

    internal (uint Major, uint Minor) Device { get; set; }

    /// <summary>True when the archive holds only the regions of <see cref="Regions"/>; all else is a hole.</summary>
    internal bool IsSparse { get; set; }

    /// <summary>Regions of data, ascending, apart, within <see cref="Size"/>.</summary>
    internal List<SparseRegion> Regions { get; } = [];

    /// <summary>Extended attributes, in the archive's order.</summary>
    internal XattrList Xattrs { get; } = new();

    /// <summary>As much of the entry as a message needs, for after the reader's next one.</summary>
    internal LayerEntry CopyOfPlace()
    {
        var copy = new LayerEntry { Layer = Layer, Offset = Offset };
        copy.SetName(Name);
        return copy;
    }

    internal void SetName(ReadOnlySpan<byte> bytes) => Set(_name, bytes);

    /// <summary>Appends to the name: the part after a ustar prefix.</summary>
    internal void AppendName(ReadOnlySpan<byte> bytes) => _name.Write(bytes);

    internal void SetTarget(ReadOnlySpan<byte> bytes) => Set(_target, bytes);

    private static void Set(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        buffer.ResetWrittenCount();
        buffer.Write(bytes);
    }
}

/// <summary>A run of data in a sparse file.</summary>
internal readonly record struct SparseRegion(long Offset, long Length);
