using System.Buffers.Binary;
using Orca.Core.Linux;

namespace Orca.Registry.Archives;

/// <summary>The owners that programs of a container gave to its files, where one id of the host cannot have them: in an attribute of the file, or in a table beside the layer.</summary>
/// <remarks>
/// The table is a sequence of notes of 48 bytes: inode, time of birth in nanoseconds since 1970, <see cref="OwnerNote"/>, and 8 bytes of no
/// meaning. Later ones count over earlier ones. Names change and inodes are used again; inode and birth together stay one file's.
/// </remarks>
internal sealed class RememberedOwners
{
    /// <summary>The most that is read; the init stops at 16 MiB.</summary>
    internal const int MaxTable = (16 << 20) + LineSize;

    private const int LineSize = 48;

    private readonly Dictionary<(ulong Inode, ulong Born), OwnerNote> _table = [];

    /// <param name="table">The bytes of the table; a piece at its end that is no whole note is passed over.</param>
    internal RememberedOwners(ReadOnlySpan<byte> table)
    {
        for (; table.Length >= LineSize; table = table[LineSize..])
        {
            var file = (BinaryPrimitives.ReadUInt64LittleEndian(table), BinaryPrimitives.ReadUInt64LittleEndian(table[8..]));
            if (OwnerNote.Read(table.Slice(16, OwnerNote.Size)) is { } note)
            {
                _table[file] = _table.TryGetValue(file, out var before) ? note.Over(before) : note;
            }
        }
    }

    /// <summary>What was noted about a file; null for nothing.</summary>
    /// <param name="file">The file or directory, open; null for what can have no attribute.</param>
    /// <param name="status">What the container's layer says of it.</param>
    /// <param name="lower">What the image has at this path. An overlay shows its inode even once the container has changed the file.</param>
    internal OwnerNote? Find(Fd? file, FileStatus status, FileStatus? lower)
    {
        if (file is not null && FileSystem.GetXattr(file, OwnerNote.Name) is { } value && OwnerNote.Read(value) is { } note)
        {
            return note;
        }

        return _table.Count > 0 && (TryFind(status.Inode, status.Born, out note)
            || (lower is { } image && (TryFind(image.Inode, status.Born, out note) || TryFind(image.Inode, image.Born, out note)))) ? note : null;
    }

    /// <summary>The owner of a file, with the rule for files that nobody gave an owner.</summary>
    /// <param name="note">What was noted about it.</param>
    /// <param name="known">Whose it is without that: what the image says of its path; for a new file, the owner of its directory.</param>
    /// <param name="isOfImage">True: it is the image's file, which the container has changed in place.</param>
    internal static FileOwner Resolve(OwnerNote? note, FileOwner known, bool isOfImage)
    {
        if (note is not { } given || (given.IsPresumed && !isOfImage && known.Since <= given.Time))
        {
            return known;
        }

        return new FileOwner(given.Uid == OwnerNote.Unset ? known.Uid : given.Uid, given.Gid == OwnerNote.Unset ? known.Gid : given.Gid, given.Time);
    }

    private bool TryFind(ulong inode, ulong born, out OwnerNote note) => _table.TryGetValue((inode, born), out note) && born != 0;
}

/// <summary>The owner of a file.</summary>
/// <param name="Uid">User.</param>
/// <param name="Gid">Group.</param>
/// <param name="Since">When a program of the container gave it to them, in nanoseconds since 1970; 0 where the image did.</param>
internal readonly record struct FileOwner(uint Uid, uint Gid, ulong Since);
