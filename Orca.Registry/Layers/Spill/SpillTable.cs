using System.Numerics;

namespace Orca.Registry.Layers.Spill;

/// <summary>A hash table by keys of 128 bits, such as a <see cref="PathHash"/> or an inode's number: 16 bytes each, or 24 with a word for each key.</summary>
/// <remarks>
/// A key takes two words. The lowest bits of its lower word are replaced by the value, which is never zero there, so a zero marks a free
/// slot. The first slot of a key follows its mixed bits from the highest down, so that a table and the larger one that replaces it are
/// walked in the same order. At most three quarters are full.
/// </remarks>
internal sealed class SpillTable : IDisposable
{
    private const int KeyWords = 2; // the lower, then the upper

    private readonly SpillSpace _space;
    private readonly ulong _valueBits;
    private readonly int _width;
    private SpillWords _words;

    private SpillTable(SpillSpace space, ulong valueBits, int width)
    {
        (_space, _valueBits, _width) = (space, valueBits, width);
        _words = new SpillWords(space, space.Capacity * width);
    }

    /// <summary>How many keys it has.</summary>
    internal long Count { get; private set; }

    /// <summary>A table with some bits for each key, of which one at least is set.</summary>
    internal static SpillTable OfBits(SpillSpace space, int bits) => new(space, (1UL << bits) - 1, width: KeyWords);

    /// <summary>A table with a word for each key.</summary>
    internal static SpillTable OfWords(SpillSpace space) => new(space, valueBits: 1, width: KeyWords + 1);

    internal bool Contains(UInt128 key) => _words[Find(_words, key)] != 0;

    /// <summary>What is known of a key; 0 when nothing is.</summary>
    internal ulong Get(UInt128 key) => ValueAt(Find(_words, key));

    /// <summary>Replaces what is known of a key.</summary>
    internal void Set(UInt128 key, ulong value)
    {
        var at = Find(_words, key);
        var isNew = _words[at] == 0;
        var lower = (ulong)key & ~_valueBits;
        if (HasWord)
        {
            (_words[at], _words[at + KeyWords]) = (lower | 1, value);
        }
        else
        {
            _words[at] = lower | value;
        }

        if (isNew)
        {
            _words[at + 1] = (ulong)(key >> 64);
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
    internal IEnumerable<(UInt128 Key, ulong Value)> All()
    {
        for (var at = 0L; at < _words.Length; at += _width)
        {
            if (_words[at] is not 0 and var lower)
            {
                yield return (new UInt128(_words[at + 1], lower & ~_valueBits), ValueAt(at));
            }
        }
    }

    /// <summary>Replaces the bits of each key by what comes of them, which is never zero.</summary>
    internal void Change(Func<ulong, ulong> change)
    {
        for (var at = 0L; at < _words.Length; at += _width)
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
            _words = new SpillWords(_space, _space.Capacity * _width);
        }
    }

    public void Dispose() => _words.Dispose();

    private bool HasWord => _width > KeyWords;

    private ulong ValueAt(long at) => HasWord ? _words[at + KeyWords] : _words[at] & _valueBits;

    private void Grow(long length)
    {
        var larger = new SpillWords(_space, length);
        for (var at = 0L; at < _words.Length; at += _width)
        {
            if (_words[at] is not 0 and var lower)
            {
                var upper = _words[at + 1];
                var to = Find(larger, new UInt128(upper, lower));
                (larger[to], larger[to + 1]) = (lower, upper);
                if (HasWord)
                {
                    larger[to + KeyWords] = _words[at + KeyWords];
                }
            }
        }

        _words.Dispose();
        _words = larger;
    }

    private long Find(SpillWords words, UInt128 key)
    {
        var (lower, upper) = ((ulong)key & ~_valueBits, (ulong)(key >> 64));
        var count = words.Length / _width;
        var slot = (long)(((lower ^ upper) * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((ulong)count)));
        while (words[slot * _width] is not 0 and var word && ((word & ~_valueBits) != lower || words[(slot * _width) + 1] != upper))
        {
            slot = (slot + 1) & (count - 1);
        }

        return slot * _width;
    }
}
