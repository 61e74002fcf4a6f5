using System.Numerics;

namespace Orca.Registry.Layers.Zstd;

/// <summary>A decoding table of Huffman codes for literals: RFC 8878, 4.2. It is filled again and again.</summary>
internal sealed class HuffmanTable
{
    private const int MaxLog = 11, MaxWeightLog = 6, MaxSymbols = 256;

    private readonly (byte Symbol, byte Bits)[] _codes = new (byte, byte)[1 << MaxLog];
    private readonly FseTable _weights = new(MaxWeightLog);
    private int _log;

    /// <summary>True once it was filled.</summary>
    internal bool IsFilled => _log > 0;

    internal void Clear() => _log = 0;

    /// <summary>Fills the table from its description, whose bytes have <see cref="BackwardBits.Padding"/> behind them in the buffer.</summary>
    /// <param name="buffer">Where it is.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it can be at most.</param>
    /// <returns>How long it is.</returns>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    internal int Read(byte[] buffer, int start, int length)
    {
        var first = length > 0 ? buffer[start] : throw new InvalidDataException("there is no table");
        Span<byte> weights = stackalloc byte[MaxSymbols];
        var packed = first < 128 ? first : (first - 126) / 2;
        if (packed >= length)
        {
            throw new InvalidDataException("a table is cut");
        }

        if (first < 128)
        {
            Fill(weights[..ReadWeights(buffer, start + 1, packed, weights)]);
            return 1 + packed;
        }

        for (var i = 0; i < first - 127; i++)
        {
            var pair = buffer[start + 1 + (i / 2)];
            weights[i] = (byte)(i % 2 == 0 ? pair >> 4 : pair & 15);
        }

        Fill(weights[..(first - 127)]);
        return 1 + packed;
    }

    /// <summary>Decodes one stream of literals, which has to end where the room does.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    internal void Decode(BackwardBits bits, Span<byte> literals)
    {
        const int AtOnce = BackwardBits.Most / MaxLog;
        var (codes, log) = (_codes, _log);
        while (literals.Length >= AtOnce && bits.Left >= BackwardBits.Most)
        {
            var word = bits.Peek(BackwardBits.Most) << (64 - BackwardBits.Most);
            var taken = 0;
            foreach (ref var literal in literals[..AtOnce])
            {
                var (symbol, length) = codes[(int)(word >> (64 - log))];
                literal = symbol;
                word <<= length;
                taken += length;
            }

            bits.Skip(taken);
            literals = literals[AtOnce..];
        }

        foreach (ref var literal in literals)
        {
            var (symbol, length) = codes[(int)bits.Peek(log)];
            literal = symbol;
            bits.Skip(length);
        }

        if (bits.Left != 0)
        {
            throw new InvalidDataException("a stream of literals is too long or too short");
        }
    }

    /// <summary>Fills the table from the weights of the symbols; that of the last one follows from the others.</summary>
    private void Fill(ReadOnlySpan<byte> weights)
    {
        var sum = 0;
        foreach (var weight in weights)
        {
            sum += weight > MaxLog ? throw new InvalidDataException("a code is too long") : (1 << weight) >> 1;
        }

        _log = sum == 0 ? throw new InvalidDataException("there is no code") : BitOperations.Log2((uint)sum) + 1;
        var rest = (1 << _log) - sum;
        if (_log > MaxLog || !BitOperations.IsPow2(rest))
        {
            throw new InvalidDataException("the weights of the codes do not make a whole");
        }

        Span<byte> all = stackalloc byte[weights.Length + 1];
        weights.CopyTo(all);
        all[^1] = (byte)(BitOperations.Log2((uint)rest) + 1);
        var longest = all.Count((byte)1);
        if (longest < 2 || longest % 2 != 0)
        {
            throw new InvalidDataException("the longest codes come in pairs");
        }

        var position = 0;
        for (var weight = 1; weight <= _log; weight++)
        {
            for (var symbol = 0; symbol < all.Length; symbol++)
            {
                if (all[symbol] == weight)
                {
                    _codes.AsSpan(position, 1 << (weight - 1)).Fill(((byte)symbol, (byte)(_log + 1 - weight)));
                    position += 1 << (weight - 1);
                }
            }
        }
    }

    /// <summary>Weights that are compressed themselves: two states take turns, until the bits run out.</summary>
    private int ReadWeights(byte[] buffer, int start, int length, Span<byte> weights)
    {
        var table = _weights;
        var used = table.Read(buffer.AsSpan(start, length), MaxLog + 1);
        var bits = new BackwardBits(buffer, start + used, length - used);
        var (turn, other) = (table[table.First(ref bits)], table[table.First(ref bits)]);
        if (bits.Left < 0)
        {
            throw new InvalidDataException("a table is cut");
        }

        for (var count = 0; count < weights.Length - 2; count++)
        {
            weights[count] = turn.Symbol;
            var next = turn.Next(ref bits);
            if (bits.Left < 0)
            {
                weights[count + 1] = other.Symbol;
                return count + 2;
            }

            (turn, other) = (other, table[next]);
        }

        throw new InvalidDataException("there are too many weights");
    }
}
