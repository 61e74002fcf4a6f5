using System.Buffers;
using System.Buffers.Binary;

namespace Orca.Registry.Layers.Zstd;

/// <summary>Decodes the compressed blocks of one frame: RFC 8878, 3.1.1.3. Tables and distances are those of the block before where a block says so.</summary>
internal sealed class BlockDecoder : IDisposable
{
    private readonly SequenceCode _literalLengths = new(
        [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
        defaultLog: 6,
        maxLog: 9);

    private readonly SequenceCode _distances = new([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], defaultLog: 5, maxLog: 8, symbols: 32); // a block may name three more than the default has

    private readonly SequenceCode _matchLengths = new(
        [1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1],
        defaultLog: 6,
        maxLog: 9);

    private readonly byte[] _literals = ArrayPool<byte>.Shared.Rent(FrameHistory.LargestBlock);
    private readonly HuffmanTable _huffman = new();
    private long _first = 1, _second = 4, _third = 8;

    private static ReadOnlySpan<byte> LiteralBits => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    private static ReadOnlySpan<int> LiteralBases =>
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

    private static ReadOnlySpan<byte> MatchBits =>
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    private static ReadOnlySpan<int> MatchBases =>
    [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
        35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
    ];

    /// <summary>Forgets the tables and distances of another frame.</summary>
    internal void BeginFrame()
    {
        _huffman.Clear();
        _literalLengths.Clear();
        _distances.Clear();
        _matchLengths.Clear();
        (_first, _second, _third) = (1, 4, 8);
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="buffer">The block from its start, and <see cref="BackwardBits.Padding"/> bytes of no meaning.</param>
    /// <param name="length">Bytes of the block.</param>
    /// <param name="history">What it goes to.</param>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    internal void Decode(byte[] buffer, int length, FrameHistory history)
    {
        var literals = DecodeLiterals(buffer, length, history.MaxBlock, out var position);
        var count = ReadCount(buffer.AsSpan(0, length), ref position);
        if (count > 0)
        {
            DecodeSequences(buffer, length, position, count, history, ref literals);
        }
        else if (position != length)
        {
            throw new InvalidDataException("there is something behind a block without sequences");
        }

        history.Append(literals);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_literals);

    private ReadOnlySpan<byte> DecodeLiterals(byte[] buffer, int length, int most, out int position)
    {
        var kind = Need(buffer, length, 0) & 3;
        var format = (buffer[0] >> 2) & 3;
        var (headSize, shift, width) = (kind > 1, format) switch // the size in the header: where and how wide
        {
            (false, 0 or 2) => (1, 3, 5),
            (false, 1) => (2, 4, 12),
            (false, _) => (3, 4, 20),
            (true, 0 or 1) => (3, 4, 10),
            (true, 2) => (4, 4, 14),
            (true, _) => (5, 4, 18),
        };
        Need(buffer, length, headSize - 1);
        var word = BinaryPrimitives.ReadUInt64LittleEndian(buffer) & ((1UL << (headSize * 8)) - 1);
        var size = (int)(word >> shift) & ((1 << width) - 1);
        if (size > most)
        {
            throw new InvalidDataException("there are too many literals");
        }

        var literals = _literals.AsSpan(0, size);
        position = headSize;
        switch (kind)
        {
            case 0 when size <= length - position:
                buffer.AsSpan(position, size).CopyTo(literals);
                position += size;
                return literals;
            case 1:
                literals.Fill(Need(buffer, length, position++));
                return literals;
            case > 1 when (int)(word >> (shift + width)) is var packed && packed <= length - position:
                Unpack(buffer, position, position + packed, kind, inFour: format > 0, literals);
                position += packed;
                return literals;
            default:
                throw new InvalidDataException("the literals of a block are cut");
        }
    }

    private void Unpack(byte[] buffer, int start, int end, int kind, bool inFour, Span<byte> literals)
    {
        if (kind == 2)
        {
            start += _huffman.Read(buffer, start, end - start);
        }
        else if (!_huffman.IsFilled)
        {
            throw new InvalidDataException("a block uses a table that was not there");
        }

        if (!inFour)
        {
            _huffman.Decode(new BackwardBits(buffer, start, end - start), literals);
            return;
        }

        const int Jumps = 6;
        const int Fewest = 6; // with fewer literals one of the first three streams would have none, or the last less than none
        var share = (literals.Length + 3) / 4;
        if (end - start < Jumps || literals.Length < Fewest)
        {
            throw new InvalidDataException("four streams of literals are cut");
        }

        var from = start + Jumps;
        for (var stream = 0; stream < 4; stream++)
        {
            var size = stream < 3 ? BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(start + (2 * stream))) : end - from;
            if (size > end - from)
            {
                throw new InvalidDataException("four streams of literals are cut");
            }

            _huffman.Decode(new BackwardBits(buffer, from, size), stream < 3 ? literals.Slice(stream * share, share) : literals[(3 * share)..]);
            from += size;
        }
    }

    private static int ReadCount(ReadOnlySpan<byte> block, ref int position)
    {
        var rest = block[position..];
        var (count, size) = rest switch
        {
            [255, var low, var high, ..] => (low + (high << 8) + 0x7F00, 3),
            [> 127 and < 255 and var high, var low, ..] => (((high - 128) << 8) + low, 2),
            [< 128 and var few, ..] => (few, 1),
            _ => throw new InvalidDataException("a block is cut"),
        };
        position += size;
        return count;
    }

    private void DecodeSequences(byte[] buffer, int length, int position, int count, FrameHistory history, ref ReadOnlySpan<byte> literals)
    {
        var modes = Need(buffer, length, position++);
        if ((modes & 3) != 0)
        {
            throw new InvalidDataException("a reserved bit is set");
        }

        var block = buffer.AsSpan(0, length);
        var lengths = _literalLengths.Read(block, modes >> 6, ref position);
        var distances = _distances.Read(block, (modes >> 4) & 3, ref position);
        var matches = _matchLengths.Read(block, (modes >> 2) & 3, ref position);
        var bits = new BackwardBits(buffer, position, length - position);
        var (ofLength, ofDistance, ofMatch) = (lengths[lengths.First(ref bits)], distances[distances.First(ref bits)], matches[matches.First(ref bits)]);
        while (true)
        {
            var distance = (1L << ofDistance.Symbol) + (long)bits.Read(ofDistance.Symbol);
            int literalBits = LiteralBits[ofLength.Symbol];
            var lengthBits = bits.Read(MatchBits[ofMatch.Symbol] + literalBits);
            var match = MatchBases[ofMatch.Symbol] + (int)(lengthBits >> literalBits);
            var literal = LiteralBases[ofLength.Symbol] + (int)(lengthBits & ((1UL << literalBits) - 1));
            if (literal > literals.Length)
            {
                throw new InvalidDataException("there are too few literals");
            }

            history.Append(literals[..literal]);
            literals = literals[literal..];
            history.Repeat(Resolve(distance, hasLiterals: literal > 0), match);
            if (--count == 0)
            {
                break;
            }

            var stateBits = bits.Read(ofLength.Bits + ofMatch.Bits + ofDistance.Bits);
            var nextDistance = ofDistance.Base + (int)(stateBits & ((1UL << ofDistance.Bits) - 1));
            stateBits >>= ofDistance.Bits;
            var nextMatch = ofMatch.Base + (int)(stateBits & ((1UL << ofMatch.Bits) - 1));
            (ofLength, ofMatch, ofDistance) = (lengths[ofLength.Base + (int)(stateBits >> ofMatch.Bits)], matches[nextMatch], distances[nextDistance]);
        }

        if (bits.Left != 0)
        {
            throw new InvalidDataException("the sequences of a block are too long or too short");
        }
    }

    /// <summary>The distance that a value means: one of the last three, or a new one (RFC 8878, 3.1.1.5).</summary>
    private long Resolve(long value, bool hasLiterals)
    {
        switch (value + (hasLiterals || value > 3 ? 0 : 1))
        {
            case 1:
                return _first;
            case 2:
                (_first, _second) = (_second, _first);
                return _first;
            case 3:
                (_first, _second, _third) = (_third, _first, _second);
                return _first;
            case 4 when value == 3:
                (_first, _second, _third) = (_first - 1, _first, _second);
                return _first;
            default:
                (_first, _second, _third) = (value - 3, _first, _second);
                return _first;
        }
    }

    private static byte Need(byte[] buffer, int length, int position) => position < length ? buffer[position] : throw new InvalidDataException("a block is cut");

    /// <summary>One of the three codes of a sequence: its default table, and what a block says instead.</summary>
    private sealed class SequenceCode
    {
        private readonly FseTable _default;
        private readonly FseTable _own;
        private readonly int _symbols;
        private FseTable? _last;

        internal SequenceCode(short[] defaults, int defaultLog, int maxLog, int? symbols = null)
        {
            (_default, _own, _symbols) = (new FseTable(defaultLog), new FseTable(maxLog), symbols ?? defaults.Length);
            _default.Fill(defaults, defaultLog);
        }

        /// <summary>Forgets the last table.</summary>
        internal void Clear() => _last = null;

        /// <summary>The table of a block.</summary>
        internal FseTable Read(ReadOnlySpan<byte> block, int mode, ref int position)
        {
            switch (mode)
            {
                case 0:
                    return _last = _default;
                case 1 when position < block.Length && block[position] < _symbols:
                    _own.FillWithOne(block[position++]);
                    return _last = _own;
                case 2:
                    position += _own.Read(block[position..], _symbols);
                    return _last = _own;
                case 3 when _last is not null:
                    return _last;
                default:
                    throw new InvalidDataException("a table is not there");
            }
        }
    }
}
