using System.Buffers.Binary;
using System.Numerics;

namespace Orca.Registry.Layers.Zstd;

/// <summary>A decoding table of finite state entropy: RFC 8878, 4.1.1. It is filled again and again.</summary>
/// <param name="maxLog">How large it can become: 1 &lt;&lt; <paramref name="maxLog"/> states.</param>
internal sealed class FseTable(int maxLog)
{
    private readonly State[] _states = new State[1 << maxLog];

    /// <summary>A state: the symbol it means, and how the next state is found.</summary>
    internal readonly record struct State(byte Symbol, byte Bits, ushort Base)
    {
        /// <summary>The state after this one.</summary>
        internal int Next(ref BackwardBits bits) => Base + (int)bits.Read(Bits);
    }

    /// <summary>Bits of the first state.</summary>
    internal int Log { get; private set; }

    /// <summary>What a state says. States come from <see cref="First"/> and <see cref="State.Next"/> only, and are always in the table.</summary>
    internal State this[int state] => _states[state];

    internal int First(ref BackwardBits bits) => (int)bits.Read(Log);

    /// <summary>One symbol, again and again, for which no bit is read.</summary>
    internal void FillWithOne(byte symbol) => (Log, _states[0]) = (0, new State(symbol, 0, 0));

    /// <summary>Fills the table from how often each symbol comes, in parts of 1 &lt;&lt; <paramref name="log"/>; -1 for less than one part. They make a whole.</summary>
    internal void Fill(ReadOnlySpan<short> shares, int log)
    {
        Log = log;
        var states = _states.AsSpan(0, 1 << log);
        Span<ushort> next = stackalloc ushort[shares.Length];
        var high = states.Length;
        for (var symbol = 0; symbol < shares.Length; symbol++)
        {
            next[symbol] = (ushort)Math.Abs((int)shares[symbol]);
            if (shares[symbol] < 0)
            {
                states[--high] = new State((byte)symbol, 0, 0);
            }
        }

        var (step, position) = ((states.Length >> 1) + (states.Length >> 3) + 3, 0);
        for (var symbol = 0; symbol < shares.Length; symbol++)
        {
            for (var i = 0; i < shares[symbol]; i++)
            {
                states[position] = new State((byte)symbol, 0, 0);
                do
                {
                    position = (position + step) & (states.Length - 1);
                }
                while (position >= high);
            }
        }

        foreach (ref var state in states)
        {
            var reached = next[state.Symbol]++;
            var bits = log - BitOperations.Log2(reached);
            state = state with { Bits = (byte)bits, Base = (ushort)((reached << bits) - states.Length) };
        }
    }

    /// <summary>Fills the table from its description.</summary>
    /// <param name="bytes">Where it begins.</param>
    /// <param name="symbols">How many symbols there may be.</param>
    /// <returns>How many bytes it takes.</returns>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    internal int Read(ReadOnlySpan<byte> bytes, int symbols)
    {
        var bits = new ForwardBits(bytes);
        var log = bits.Read(4) + 5;
        if (log > maxLog)
        {
            throw new InvalidDataException("a table is too large");
        }

        Span<short> shares = stackalloc short[symbols];
        var (left, symbol) = (1 << log, 0);
        while (left > 0)
        {
            if (symbol >= symbols)
            {
                throw new InvalidDataException("a table has too many symbols");
            }

            var share = ReadShare(ref bits, left);
            left -= Math.Abs(share);
            shares[symbol++] = (short)share;
            for (var more = share == 0; more;)
            {
                var zeros = bits.Read(2);
                symbol += zeros;
                more = zeros == 3;
            }
        }

        if (left < 0 || symbol > symbols || bits.Bytes > bytes.Length)
        {
            throw new InvalidDataException("a table is malformed");
        }

        Fill(shares[..symbol], log);
        return bits.Bytes;
    }

    /// <summary>A share takes as few bits as it can: those that could not be meant are left out.</summary>
    private static int ReadShare(ref ForwardBits bits, int left)
    {
        var width = BitOperations.Log2((uint)left + 1) + 1;
        var low = (1 << (width - 1)) - 1;
        var spare = (1 << width) - 2 - left;
        var value = bits.Peek(width);
        if ((value & low) < spare)
        {
            bits.Skip(width - 1);
            return (value & low) - 1;
        }

        bits.Skip(width);
        return value - (value > low ? spare : 0) - 1;
    }

    /// <summary>Bits from the start on; zeros behind the end, which <see cref="Bytes"/> shows.</summary>
    private ref struct ForwardBits(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _position;

        internal readonly int Bytes => (_position + 7) >> 3;

        internal readonly int Peek(int count)
        {
            Span<byte> word = stackalloc byte[sizeof(uint)];
            var rest = _bytes[Math.Min(_position >> 3, _bytes.Length)..];
            rest[..Math.Min(rest.Length, word.Length)].CopyTo(word);
            return (int)(BinaryPrimitives.ReadUInt32LittleEndian(word) >> (_position & 7)) & ((1 << count) - 1);
        }

        internal void Skip(int count) => _position += count;

        internal int Read(int count)
        {
            var value = Peek(count);
            _position += count;
            return value;
        }
    }
}
