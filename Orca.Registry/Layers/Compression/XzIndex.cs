using System.Buffers.Binary;
using System.IO.Hashing;

namespace Orca.Registry.Layers.Compression;

/// <summary>The list of blocks at the end of an xz stream, compared with the blocks that were read. However many there are, it takes no memory.</summary>
internal sealed class XzIndex(InputWindow input)
{
    private readonly XxHash3 _blocks = new();
    private readonly Crc32 _crc = new();
    private long _count;
    private long _start;

    /// <summary>Begins the next stream.</summary>
    internal void Clear()
    {
        _blocks.Reset();
        _count = 0;
    }

    /// <summary>Notes a block that was read.</summary>
    /// <param name="unpadded">Bytes of its header, its data and its check.</param>
    /// <param name="bytes">Bytes of the result.</param>
    internal void Add(ulong unpadded, ulong bytes)
    {
        Append(_blocks, unpadded, bytes);
        _count++;
    }

    /// <summary>Reads the index up to its end. Returns its size; 0 when it is malformed, or not that of the blocks.</summary>
    /// <exception cref="EndOfStreamException">It is cut.</exception>
    internal long Read()
    {
        _crc.Reset();
        _start = input.Taken;
        var listed = new XxHash3();
        if (Next() != 0 || !TryNumber(out var count) || count != (ulong)_count)
        {
            return 0;
        }

        for (var i = 0UL; i < count; i++)
        {
            if (!TryNumber(out var unpadded) || !TryNumber(out var bytes))
            {
                return 0;
            }

            Append(listed, unpadded, bytes);
        }

        while ((input.Taken - _start) % 4 != 0)
        {
            if (Next() != 0)
            {
                return 0;
            }
        }

        var sum = input.Peek(4);
        if (sum.Length < 4)
        {
            throw new EndOfStreamException();
        }

        var isRight = BinaryPrimitives.ReadUInt32LittleEndian(sum) == _crc.GetCurrentHashAsUInt32() && listed.GetCurrentHashAsUInt64() == _blocks.GetCurrentHashAsUInt64();
        input.Advance(4);
        return isRight ? input.Taken - _start : 0;
    }

    private static void Append(XxHash3 sum, ulong unpadded, ulong bytes)
    {
        Span<byte> record = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, unpadded);
        BinaryPrimitives.WriteUInt64LittleEndian(record[sizeof(ulong)..], bytes);
        sum.Append(record);
    }

    private bool TryNumber(out ulong value)
    {
        value = 0;
        for (var i = 0; i < 9; i++)
        {
            var b = Next();
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                return i == 0 || b != 0;
            }
        }

        return false;
    }

    private byte Next()
    {
        if (!input.Fill())
        {
            throw new EndOfStreamException();
        }

        var value = input.Available[0];
        _crc.Append(input.Available[..1]);
        input.Advance(1);
        return value;
    }
}
