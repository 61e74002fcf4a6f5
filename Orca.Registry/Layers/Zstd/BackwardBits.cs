using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orca.Registry.Layers.Zstd;

/// <summary>Bits that are read from the end of some bytes towards their start: RFC 8878, 4.1.</summary>
/// <remarks>Below the first bit are zeros, as many as somebody reads; <see cref="Left"/> is negative then, and the decoder has to look.</remarks>
internal ref struct BackwardBits
{
    /// <summary>So many bytes of no meaning have to follow the bytes, so that words can be read at once.</summary>
    internal const int Padding = sizeof(ulong);

    /// <summary>Bits that one call may read.</summary>
    internal const int Most = 56;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="buffer">Where the bytes are.</param>
    /// <param name="start">Where they begin.</param>
    /// <param name="length">How many they are; <see cref="Padding"/> more have to be in the buffer.</param>
    /// <exception cref="InvalidDataException">There is no bit that marks the end.</exception>
    internal BackwardBits(byte[] buffer, int start, int length)
    {
        if (length < 1 || buffer[start + length - 1] == 0)
        {
            throw new InvalidDataException("a bit stream has no end mark");
        }

        _bytes = buffer.AsSpan(start, length + Padding);
        Left = ((length - 1) * 8) + BitOperations.Log2(buffer[start + length - 1]);
    }

    /// <summary>Bits that are left; below zero when more were read than there were.</summary>
    internal int Left { get; private set; }

    /// <summary>The next bits without taking them, at most <see cref="Most"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ulong Peek(int count)
    {
        var start = Left - count;
        var mask = (1UL << count) - 1;
        if (start >= 0)
        {
            return (Word(start >> 3) >> (start & 7)) & mask;
        }

        return Left <= 0 ? 0 : (Word(0) & ((1UL << Left) - 1)) << -start;
    }

    /// <summary>Eight bytes from an offset, which is below the length of the bytes: the padding is there for the last of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong Word(int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_bytes), offset));

    internal void Skip(int count) => Left -= count;

    /// <summary>Takes the next bits, at most <see cref="Most"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Read(int count)
    {
        var bits = Peek(count);
        Left -= count;
        return bits;
    }
}
