using System.Buffers.Binary;
using System.IO.Hashing;

namespace Orca.Registry.Layers.Compression;

/// <summary>The header of one xz block, verified.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Dictionary">How far the block looks back, in LZMA2's one byte.</param>
/// <param name="CompressedBytes">Bytes of the compressed data; null when it does not say so.</param>
/// <param name="Bytes">Bytes of the result; null when it does not say so.</param>
internal sealed record XzBlockHeader(int Size, byte Dictionary, ulong? CompressedBytes, ulong? Bytes)
{
    private const ulong Lzma2 = 0x21;

    /// <summary>Bytes of the dictionary.</summary>
    internal ulong Window => Dictionary == 40 ? uint.MaxValue : (2UL | (Dictionary & 1u)) << ((Dictionary / 2) + 11);

    /// <summary>Reads a header. Returns null, with the words of the refusal, when it is malformed or needs what is not supported.</summary>
    internal static XzBlockHeader? TryRead(ReadOnlySpan<byte> bytes, out string fault)
    {
        fault = "malformed xz stream";
        var size = bytes.Length;
        if (Crc32.HashToUInt32(bytes[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]))
        {
            fault = "wrong xz checksum (of a block header)";
            return null;
        }

        var flags = bytes[1];
        var rest = bytes[2..^4];
        if ((flags & 0x3c) != 0)
        {
            return null;
        }

        ulong? compressed = null, uncompressed = null;
        if ((flags & 0x40) != 0 && !TryTake(ref rest, ref compressed) || (flags & 0x80) != 0 && !TryTake(ref rest, ref uncompressed))
        {
            return null;
        }

        ulong? filter = null, length = null;
        if (!TryTake(ref rest, ref filter) || !TryTake(ref rest, ref length) || length > (ulong)rest.Length)
        {
            return null;
        }

        if (filter != Lzma2 || (flags & 3) != 0)
        {
            fault = $"its xz filter '{NameOf(filter!.Value)}' is not supported";
            return null;
        }

        if (length != 1 || rest[0] > 40 || rest[1..].ContainsAnyExcept((byte)0))
        {
            return null;
        }

        return new XzBlockHeader(size, rest[0], compressed, uncompressed);
    }

    /// <summary>Seven bits a byte, the lowest first, as few bytes as possible, nine at the most.</summary>
    internal static bool TryTake(ref ReadOnlySpan<byte> bytes, ref ulong? value)
    {
        var sum = 0UL;
        for (var i = 0; i < Math.Min(9, bytes.Length); i++)
        {
            sum |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                value = sum;
                var isShortest = i == 0 || bytes[i] != 0;
                bytes = bytes[(i + 1)..];
                return isShortest;
            }
        }

        return false;
    }

    private static string NameOf(ulong filter) => filter switch
    {
        3 => "delta",
        4 => "x86",
        5 => "powerpc",
        6 => "ia64",
        7 => "arm",
        8 => "armthumb",
        9 => "sparc",
        10 => "arm64",
        11 => "riscv",
        Lzma2 => "lzma2", // not alone, or not last
        _ => $"{filter:x}",
    };
}
