using System.Buffers.Binary;
using Orca.Core.Linux;

namespace Orca.Registry.Archives;

/// <summary>What the init of a container noted about a file: the owner that a program gave it, or the device that it stands for.</summary>
/// <remarks>
/// Written by <c>Orca.Sandbox/Child/Stub/remember.c</c>, but as a value of an attribute it may be the container's own writing: every value is
/// one that chown(2) or mknod(2) could have had.
/// </remarks>
/// <param name="Uid">Owner, or <see cref="Unset"/>.</param>
/// <param name="Gid">Group, or <see cref="Unset"/>.</param>
/// <param name="Device">Kind and number of the device that the empty file stands for; null for none.</param>
/// <param name="IsPresumed">True: the first owner that the file got was root, as stat(2) shows all files to be.</param>
/// <param name="Time">When, in nanoseconds since 1970.</param>
internal readonly record struct OwnerNote(uint Uid, uint Gid, (FileKind Kind, uint Major, uint Minor)? Device, bool IsPresumed, ulong Time)
{
    /// <summary>Nothing was said of this id; it is what chown(2) takes for "leave it".</summary>
    internal const uint Unset = uint.MaxValue;

    /// <summary>Bytes of a note.</summary>
    internal const int Size = 24;

    private const uint Presumed = 1;

    /// <summary>The attribute that carries it.</summary>
    internal static PathZ Name => PathZ.OfTerminated("user.orca.owner\0"u8);

    /// <summary>Reads a note; null when it is none.</summary>
    internal static OwnerNote? Read(ReadOnlySpan<byte> value)
    {
        if (value.Length != Size)
        {
            return null;
        }

        var (uid, gid) = (BinaryPrimitives.ReadUInt32LittleEndian(value), BinaryPrimitives.ReadUInt32LittleEndian(value[4..]));
        var (mode, number) = (BinaryPrimitives.ReadUInt32LittleEndian(value[8..]), BinaryPrimitives.ReadUInt32LittleEndian(value[12..]));
        var (kind, time) = ((FileKind)(mode & ~Presumed), BinaryPrimitives.ReadUInt64LittleEndian(value[16..]));
        return kind is 0 or FileKind.CharDevice or FileKind.BlockDevice
            ? new OwnerNote(uid, gid, kind == 0 ? null : (kind, (number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xFFF00)), (mode & Presumed) != 0, time)
            : null;
    }

    /// <summary>This note, which came after another of the same file.</summary>
    internal OwnerNote Over(OwnerNote before) => new(
        Uid == Unset ? before.Uid : Uid, Gid == Unset ? before.Gid : Gid, Device ?? before.Device, IsPresumed: false, Time);
}
