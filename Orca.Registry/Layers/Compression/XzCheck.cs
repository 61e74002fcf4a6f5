using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Orca.Registry.Layers.Compression;

/// <summary>The checksum of an xz block: none, CRC32, CRC64 or SHA-256.</summary>
internal sealed class XzCheck : IDisposable
{
    private const int LongestSize = 32;

    private readonly byte _type;
    private readonly Crc32? _crc32;
    private readonly IncrementalHash? _sha256;
    private readonly bool _isCrc64;
    private ulong _crc64;

    private XzCheck(byte type, int size)
    {
        (_type, Size) = (type, size);
        _crc32 = type == 1 ? new Crc32() : null;
        _isCrc64 = type == 4;
        _sha256 = type == 10 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>How many bytes it takes behind a block.</summary>
    internal int Size { get; }

    /// <summary>Makes the check of a type; null for one that the specification reserves.</summary>
    internal static XzCheck? TryCreate(byte type) => type switch
    {
        0 => new XzCheck(type, 0),
        1 => new XzCheck(type, sizeof(uint)),
        4 => new XzCheck(type, sizeof(ulong)),
        10 => new XzCheck(type, LongestSize),
        _ => null,
    };

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        _crc32?.Append(bytes);
        _sha256?.AppendData(bytes);
        if (_isCrc64)
        {
            _crc64 = Crc64.Append(_crc64, bytes);
        }
    }

    /// <summary>Whether a block ends in these bytes. The next block begins anew.</summary>
    internal bool Matches(ReadOnlySpan<byte> expected)
    {
        Span<byte> sum = stackalloc byte[LongestSize];
        switch (_type)
        {
            case 1:
                BinaryPrimitives.WriteUInt32LittleEndian(sum, _crc32!.GetCurrentHashAsUInt32());
                _crc32.Reset();
                break;
            case 4:
                BinaryPrimitives.WriteUInt64LittleEndian(sum, _crc64);
                _crc64 = 0;
                break;
            case 10:
                _sha256!.GetHashAndReset(sum);
                break;
            default:
                break;
        }

        return sum[..Size].SequenceEqual(expected);
    }

    public void Dispose() => _sha256?.Dispose();

    /// <summary>CRC-64 as xz has it (ECMA-182, reflected), which System.IO.Hashing has not.</summary>
    private static class Crc64
    {
        private const ulong Polynomial = 0xC96C5795D7870F42;

        private static readonly ulong[] s_table = MakeTable();

        internal static ulong Append(ulong sum, ReadOnlySpan<byte> bytes)
        {
            sum = ~sum;
            foreach (var b in bytes)
            {
                sum = s_table[(byte)sum ^ b] ^ (sum >> 8);
            }

            return ~sum;
        }

        private static ulong[] MakeTable()
        {
            var table = new ulong[256];
            for (var i = 0UL; i < 256; i++)
            {
                var entry = i;
                for (var bit = 0; bit < 8; bit++)
                {
                    entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
                }

                table[i] = entry;
            }

            return table;
        }
    }
}
