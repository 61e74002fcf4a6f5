using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>A checksum of what files and links hold, to find bits that the disk has lost: XXH64, seed 0 (the xxHash specification).</summary>
/// <remarks>
/// Against accidents, not against people: who can change a file of the store can change its sum too. It is computed at about the speed at which memory
/// is read, with no instruction that an old processor lacks (CRC-32C without its instruction took 1.8 s for 680 MB). A file with several names is read once.
/// </remarks>
internal sealed class FileSum
{
    private const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161, P4 = 9650029242287828579, P5 = 2870177450012600261;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private readonly Dictionary<(ulong Device, ulong Inode), ulong> _known = [];

    /// <summary>The sum of a regular file or of a link's target; 0 for all else, and for what is empty.</summary>
    internal ulong Of(Fd directory, byte[] name, in FileStatus status)
    {
        switch (status.Kind)
        {
            case FileKind.SymbolicLink:
                return Of(FileSystem.ReadLink(PathZ.From(name), directory));
            case FileKind.Regular when status.Size > 0:
                break;
            default:
                return 0;
        }

        if (status.Links == 1)
        {
            return Read(directory, name);
        }

        var key = (status.Device, status.Inode);
        return _known.TryGetValue(key, out var known) ? known : _known[key] = Read(directory, name);
    }

    /// <summary>The sum of bytes that are all there.</summary>
    internal static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var lanes = new Lanes();
        var whole = bytes.Length & ~31;
        lanes.Add(bytes[..whole]);
        return lanes.Finish(bytes[whole..], bytes.Length);
    }

    private ulong Read(Fd directory, byte[] name)
    {
        using var file = FileSystem.Open(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        var lanes = new Lanes();
        for (long total = 0; ;)
        {
            var filled = 0;
            for (int count; filled < _buffer.Length && (count = FileSystem.Read(file, _buffer.AsSpan(filled))) > 0;)
            {
                filled += count;
            }

            var whole = filled & ~31;
            lanes.Add(_buffer.AsSpan(0, whole));
            total += filled;
            if (filled < _buffer.Length)
            {
                return lanes.Finish(_buffer.AsSpan(whole, filled - whole), total);
            }
        }
    }

    /// <summary>The four accumulators.</summary>
    private struct Lanes
    {
        private ulong _a, _b, _c, _d;

        public Lanes() => (_a, _b, _c, _d) = (unchecked(P1 + P2), P2, 0, unchecked(0 - P1));

        /// <summary>Takes in a multiple of 32 bytes.</summary>
        internal void Add(ReadOnlySpan<byte> stripes)
        {
            var (a, b, c, d) = (_a, _b, _c, _d);
            var words = MemoryMarshal.Cast<byte, ulong>(stripes);
            for (var i = 0; i + 3 < words.Length; i += 4)
            {
                a = Round(a, words[i]);
                b = Round(b, words[i + 1]);
                c = Round(c, words[i + 2]);
                d = Round(d, words[i + 3]);
            }

            (_a, _b, _c, _d) = (a, b, c, d);
        }

        /// <summary>Takes in the rest, fewer than 32 bytes, and the length of all.</summary>
        internal readonly ulong Finish(ReadOnlySpan<byte> rest, long length)
        {
            unchecked
            {
                var sum = P5;
                if (length >= 32)
                {
                    sum = BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7) + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18);
                    sum = Merge(Merge(Merge(Merge(sum, _a), _b), _c), _d);
                }

                sum += (ulong)length;
                for (; rest.Length >= 8; rest = rest[8..])
                {
                    sum = (BitOperations.RotateLeft(sum ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * P1) + P4;
                }

                for (; rest.Length >= 4; rest = rest[4..])
                {
                    sum = (BitOperations.RotateLeft(sum ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * P1), 23) * P2) + P3;
                }

                foreach (var one in rest)
                {
                    sum = BitOperations.RotateLeft(sum ^ (one * P5), 11) * P1;
                }

                sum = (sum ^ (sum >> 33)) * P2;
                sum = (sum ^ (sum >> 29)) * P3;
                return sum ^ (sum >> 32);
            }
        }

        private static ulong Round(ulong lane, ulong word) => unchecked(BitOperations.RotateLeft(lane + (word * P2), 31) * P1);

        private static ulong Merge(ulong sum, ulong lane) => unchecked(((sum ^ Round(0, lane)) * P1) + P4);
    }
}
