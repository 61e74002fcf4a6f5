using System.Numerics;
using System.Runtime.InteropServices;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>CRC-32C of what files and links hold, to find bits that the disk has lost.</summary>
/// <remarks>
/// Against accidents, not against people: who can change a file of the store can change its sum too. Processors compute it at about the speed
/// at which memory is read. A file with several names is read once.
/// </remarks>
internal sealed class FileSum
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private readonly Dictionary<(ulong Device, ulong Inode), uint> _known = [];

    /// <summary>The sum of a regular file or of a link's target; 0 for all else.</summary>
    internal uint Of(Fd directory, byte[] name, in FileStatus status)
    {
        switch (status.Kind)
        {
            case FileKind.SymbolicLink:
                return Add(0, FileSystem.ReadLink(PathZ.From(name), directory));
            case FileKind.Regular when status.Size > 0:
                break;
            default:
                return 0;
        }

        if (status.Links > 1 && _known.TryGetValue((status.Device, status.Inode), out var known))
        {
            return known;
        }

        uint sum = 0;
        using (var file = FileSystem.Open(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
        {
            while (FileSystem.Read(file, _buffer) is > 0 and var count)
            {
                sum = Add(sum, _buffer.AsSpan(0, count));
            }
        }

        if (status.Links > 1)
        {
            _known[(status.Device, status.Inode)] = sum;
        }

        return sum;
    }

    /// <summary>Carries a sum on over more bytes.</summary>
    internal static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        var value = ~sum;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            value = BitOperations.Crc32C(value, word);
        }

        foreach (var one in bytes[(bytes.Length & ~7)..])
        {
            value = BitOperations.Crc32C(value, one);
        }

        return ~value;
    }
}
