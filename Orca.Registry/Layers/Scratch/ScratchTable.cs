using System.Numerics;

namespace Orca.Registry.Layers.Scratch;

/// <summary>A hash table by 64 bits that stand for something, such as a <see cref="PathHash"/>: eight bytes each, or sixteen with a word beside each.</summary>
/// <remarks>
/// The lowest bits of a word in the table are what is known of its key, and never all zero; the others are the key's. Places go by the key's highest bits, so that a table and the larger one that
/// takes its place are gone through in the same order. At most three quarters are full.
/// </remarks>
internal sealed class ScratchTable : IDisposable
{
    private readonly ScratchSpace _space;
    private readonly ulong _valueBits;
    private readonly int _width;
    private ScratchWords _words;

    private ScratchTable(ScratchSpace space, ulong valueBits, int width)
    {
        (_space, _valueBits, _width) = (space, valueBits, width);
        _words = new ScratchWords(space, space.Capacity * width);
    }

    /// <summary>How many keys it has.</summary>
    internal long Count { get; private set; }

    /// <summary>A table with some bits for each key, of which one at least is set.</summary>
    internal static ScratchTable OfBits(ScratchSpace space, int bits) => new(space, (1UL << bits) - 1, width: 1);

    /// <summary>A table with a word for each key.</summary>
    internal static ScratchTable OfWords(ScratchSpace space) => new(space, valueBits: 1, width: 2);

    internal bool Contains(ulong key) => _words[Find(_words, key)] != 0;

    /// <summary>What is known of a key; 0 when nothing is.</summary>
    internal ulong Get(ulong key)
    {
        var at = Find(_words, key);
        return _width == 1 ? _words[at] & _valueBits : _words[at + 1];
    }

    /// <summary>Replaces what is known of a key.</summary>
    internal void Set(ulong key, ulong value)
    {
        var at = Find(_words, key);
        var isNew = _words[at] == 0;
        if (_width == 1)
        {
            _words[at] = (key & ~_valueBits) | value;
        }
        else
        {
            (_words[at], _words[at + 1]) = (key | 1, value);
        }

        if (isNew)
        {
            Count++;
            Reserve(0);
        }
    }

    /// <summary>Makes room for more keys. Who adds those of another table must: in that one's order they would all crowd in one part of a smaller table.</summary>
    internal void Reserve(long more)
    {
        var length = _words.Length;
        while (Count + more > length / _width / 4 * 3)
        {
            length *= 2;
        }

        if (length > _words.Length)
        {
            Grow(length);
        }
    }

    /// <summary>All keys, without the bits that are not theirs, with what is known of each.</summary>
    internal IEnumerable<(ulong Key, ulong Value)> All()
    {
        for (var at = 0L; at < _words.Length; at += _width)
        {
            if (_words[at] is not 0 and var word)
            {
                yield return (word & ~_valueBits, _width == 1 ? word & _valueBits : _words[at + 1]);
            }
        }
    }

    /// <summary>Replaces the bits of each key by what comes of them, which is never zero.</summary>
    internal void Change(Func<ulong, ulong> change)
    {
        for (var at = 0L; at < _words.Length; at++)
        {
            if (_words[at] is not 0 and var word)
            {
                _words[at] = (word & ~_valueBits) | change(word & _valueBits);
            }
        }
    }

    internal void Clear()
    {
        if (Count > 0)
        {
            Count = 0;
            _words.Dispose();
            _words = new ScratchWords(_space, _space.Capacity * _width);
        }
    }

    public void Dispose() => _words.Dispose();

    private void Grow(long length)
    {
        var larger = new ScratchWords(_space, length);
        for (var at = 0L; at < _words.Length; at += _width)
        {
            if (_words[at] is not 0 and var word)
            {
                var to = Find(larger, word);
                larger[to] = word;
                if (_width == 2)
                {
                    larger[to + 1] = _words[at + 1];
                }
            }
        }

        _words.Dispose();
        _words = larger;
    }

    private long Find(ScratchWords words, ulong key)
    {
        key &= ~_valueBits;
        var count = words.Length / _width;
        var slot = (long)((key * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((ulong)count)));
        while (words[slot * _width] is not 0 and var word && (word & ~_valueBits) != key)
        {
            slot = (slot + 1) & (count - 1);
        }

        return slot * _width;
    }
}
