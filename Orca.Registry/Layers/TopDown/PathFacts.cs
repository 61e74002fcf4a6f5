namespace Orca.Registry.Layers.TopDown;

/// <summary>Facts about paths, by hash: eight bytes each, so that a million entries fit into little memory.</summary>
/// <remarks>See <see cref="PathHash"/> about paths that fall together; the facts take seven of the 64 bits.</remarks>
internal sealed class PathFacts
{
    private const int SmallCapacity = 1024;
    private const ulong FactBits = 0x7F;

    private ulong[] _slots = new ulong[SmallCapacity];
    private int _count;

    internal PathFact this[ulong path] => (PathFact)(_slots[Find(_slots, path)] & FactBits);

    /// <summary>Replaces what is known of a path; there is always something.</summary>
    internal void Set(ulong path, PathFact facts)
    {
        if (facts == PathFact.None)
        {
            return;
        }

        var slot = Find(_slots, path);
        var isNew = _slots[slot] == 0;
        _slots[slot] = (path & ~FactBits) | (ulong)facts;
        if (isNew && ++_count > _slots.Length / 4 * 3)
        {
            Grow();
        }
    }

    internal void Clear()
    {
        _count = 0;
        if (_slots.Length > SmallCapacity * 64)
        {
            _slots = new ulong[SmallCapacity];
        }
        else
        {
            Array.Clear(_slots);
        }
    }

    /// <summary>Merges every path of the layer just applied into what the layers above said.</summary>
    /// <remarks>Afterwards the layer's facts are of no use any more: where nothing was said above, they are taken over and not copied, for the uppermost layer may be the one with a million paths.</remarks>
    internal void Merge(PathFacts layer)
    {
        if (_count == 0)
        {
            (_slots, _count, layer._slots, layer._count) = (layer._slots, layer._count, new ulong[SmallCapacity], 0);
            foreach (ref var slot in _slots.AsSpan())
            {
                slot = slot == 0 ? 0 : (slot & ~FactBits) | (ulong)Combine(PathFact.None, (PathFact)(slot & FactBits));
            }

            return;
        }

        foreach (var slot in layer._slots)
        {
            if (slot != 0)
            {
                var path = slot & ~FactBits;
                Set(path, Combine(this[path], (PathFact)(slot & FactBits)));
            }
        }
    }

    /// <summary>What holds for the layers below, when <paramref name="above"/> was known and a layer adds <paramref name="layer"/>.</summary>
    private static PathFact Combine(PathFact above, PathFact layer)
    {
        if ((layer & PathFact.Unseen) != 0)
        {
            layer = (layer & (PathFact.Gone | PathFact.Opaque)) | PathFact.Mentioned;
        }

        var (there, adds) = (above & PathFact.Kinds, layer & PathFact.Kinds);
        if (there == PathFact.Listed && adds == PathFact.Implied)
        {
            // The layer goes through what the one below has here, which may be a link that the one above took the place of.
            layer |= PathFact.Mentioned;
        }

        var rest = above & ~PathFact.Kinds;
        var seals = adds is PathFact.Listed or PathFact.Other || (adds == PathFact.None && (layer & PathFact.Gone) != 0);
        if (seals && (layer & PathFact.Mentioned) == 0)
        {
            rest &= ~PathFact.Mentioned; // what was meant is this layer's, whatever lies below
        }

        if (there == PathFact.None)
        {
            there = adds;
        }
        else if (adds == PathFact.Other)
        {
            (there, rest) = (PathFact.Listed, rest | PathFact.Opaque); // a directory took the place of a file: a new one
        }
        else if (there == PathFact.Implied && seals)
        {
            there = PathFact.Listed;
        }

        return there | rest | (layer & (PathFact.Gone | PathFact.Opaque | PathFact.Mentioned));
    }

    private void Grow()
    {
        var larger = new ulong[_slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot != 0)
            {
                larger[Find(larger, slot)] = slot;
            }
        }

        _slots = larger;
    }

    private static int Find(ulong[] slots, ulong path)
    {
        var key = path & ~FactBits;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> 32) & (slots.Length - 1);
        while (slots[slot] != 0 && (slots[slot] & ~FactBits) != key)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        return slot;
    }
}
