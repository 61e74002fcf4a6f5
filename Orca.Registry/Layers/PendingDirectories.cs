using System.Buffers.Binary;
using Orca.Core.Linux;
using Orca.Registry.Layers.Spill;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Modes and times of directories that are set when a layer ends: until then its entries change them.</summary>
internal sealed class PendingDirectories(SpillSpace space) : IDisposable
{
    private const int Fields = 16; // mode, nanoseconds, seconds
    private const uint ModeOnDisk = uint.MaxValue; // leave the one that is there

    private readonly PathRecords _records = new(space, Fields);

    /// <summary>Keeps a directory's time as it is; an entry of this layer for the directory itself has the last word.</summary>
    internal void Note(DirectoryNode directory, (long Seconds, uint Nanoseconds) time)
    {
        if (!_records.Contains(directory.Hash))
        {
            Set(directory.Path, directory.Hash, ModeOnDisk, time);
        }
    }

    /// <summary>Keeps what an entry says about a directory.</summary>
    internal void Set(byte[] path, UInt128 hash, uint mode, (long Seconds, uint Nanoseconds) time)
    {
        Span<byte> record = stackalloc byte[Fields];
        BinaryPrimitives.WriteUInt32LittleEndian(record, mode);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], time.Nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], time.Seconds);
        _records.Set(hash, path, record);
    }

    /// <summary>The directory is gone.</summary>
    internal void Forget(UInt128 hash) => _records.Remove(hash);

    /// <summary>Sets everything that is pending.</summary>
    internal void Apply(FlatTree tree)
    {
        _records.ForEach((path, record) => Apply(
            tree, path, BinaryPrimitives.ReadUInt32LittleEndian(record), (BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(8)), BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(4)))));
        _records.Clear();
    }

    public void Dispose() => _records.Dispose();

    private static void Apply(FlatTree tree, ReadOnlySpan<byte> path, uint mode, (long Seconds, uint Nanoseconds) time)
    {
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
            if (mode != ModeOnDisk)
            {
                FileSystem.SetMode(directory!, mode | OwnerMode.Directory);
            }

            _ = FileSystem.TrySetTime(directory!, time);
        }
    }
}
