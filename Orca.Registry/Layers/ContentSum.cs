using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>A checksum of what files and links hold, of bytes that come piece by piece: XXH64, seed 0 (the xxHash specification).</summary>
/// <remarks>
/// To find bits that the disk has lost: against accidents, not against people. It is computed at about the speed at which memory is read, with no
/// instruction that an old processor lacks (CRC-32C without its instruction took 1.8 s for 680 MB).
/// </remarks>
internal struct ContentSum
{
    private const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161, P4 = 9650029242287828579, P5 = 2870177450012600261;
    private const int Stripe = 32;

    private ulong _a = unchecked(P1 + P2), _b = P2, _c, _d = unchecked(0 - P1);
    private long _length;
    private Tail _tail;

    public ContentSum()
    {
    }

    /// <summary>The sum of bytes that are all there.</summary>
    internal static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var sum = new ContentSum();
        sum.Add(bytes);
        return sum.Finish();
    }

    /// <summary>The sum of what a file contains. Its holes are not read.</summary>
    /// <param name="file">The file; its position may move.</param>
    /// <param name="size">Its size.</param>
    /// <param name="buffer">Room for a piece of it.</param>
    internal static ulong Of(Fd file, long size, byte[] buffer)
    {
        var sum = new ContentSum();
        var scanner = new DataScanner(file, size, buffer);
        while (scanner.TryNext(out var offset, out var data))
        {
            sum.AddZeros(offset - sum._length);
            sum.Add(data);
        }

        sum.AddZeros(size - sum._length);
        return sum.Finish();
    }

    /// <summary>Takes in the next bytes.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        Span<byte> tail = _tail;
        var held = (int)(_length % Stripe);
        _length += bytes.Length;
        if (held > 0)
        {
            var taken = Math.Min(Stripe - held, bytes.Length);
            bytes[..taken].CopyTo(tail[held..]);
            bytes = bytes[taken..];
            if (held + taken < Stripe)
            {
                return;
            }

            AddStripes(tail);
        }

        var whole = bytes.Length & ~(Stripe - 1);
        AddStripes(bytes[..whole]);
        bytes[whole..].CopyTo(tail);
    }

    /// <summary>Takes in zeros, a hole for instance, about as fast as memory could be read.</summary>
    internal void AddZeros(long count)
    {
        Span<byte> zeros = stackalloc byte[Stripe];
        zeros.Clear();
        var head = (int)Math.Min(count, -_length & (Stripe - 1));
        Add(zeros[..head]);
        count -= head;
        var (a, b, c, d) = (_a, _b, _c, _d);
        for (var stripes = count / Stripe; stripes > 0; stripes--)
        {
            (a, b, c, d) = (Round(a, 0), Round(b, 0), Round(c, 0), Round(d, 0));
        }

        (_a, _b, _c, _d) = (a, b, c, d);
        _length += count / Stripe * Stripe;
        Add(zeros[..(int)(count % Stripe)]);
    }

    /// <summary>The sum of all that was taken in.</summary>
    internal readonly ulong Finish()
    {
        unchecked
        {
            ReadOnlySpan<byte> rest = _tail;
            rest = rest[..(int)(_length % Stripe)];
            var sum = P5;
            if (_length >= Stripe)
            {
                sum = BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7) + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18);
                sum = Merge(Merge(Merge(Merge(sum, _a), _b), _c), _d);
            }

            sum += (ulong)_length;
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

    private void AddStripes(ReadOnlySpan<byte> stripes)
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

    private static ulong Round(ulong lane, ulong word) => unchecked(BitOperations.RotateLeft(lane + (word * P2), 31) * P1);

    private static ulong Merge(ulong sum, ulong lane) => unchecked(((sum ^ Round(0, lane)) * P1) + P4);

    /// <summary>Bytes that fill no stripe yet.</summary>
    [InlineArray(Stripe)]
    private struct Tail
    {
        private byte _first;
    }
}
