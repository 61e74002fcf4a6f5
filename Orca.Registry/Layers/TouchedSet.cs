namespace Orca.Registry.Layers;

/// <summary>The paths that the layer being applied has made, and the directories above them, by hash: eight bytes each.</summary>
/// <remarks>A whiteout takes away what lower layers made and spares these, whichever came first in the archive.</remarks>
internal sealed class TouchedSet
{
    private const int SmallCapacity = 1024;

    private ulong[] _slots = new ulong[SmallCapacity];
    private int _count;

    internal bool Contains(ulong hash) => _slots[Find(_slots, Key(hash))] != 0;

    /// <summary>False when it was there already.</summary>
    internal bool Add(ulong hash)
    {
        var key = Key(hash);
        var slot = Find(_slots, key);
        if (_slots[slot] != 0)
        {
            return false;
        }

        _slots[slot] = key;
        if (++_count > _slots.Length / 4 * 3)
        {
            Grow();
        }

        return true;
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

    private void Grow()
    {
        var larger = new ulong[_slots.Length * 2];
        foreach (var key in _slots)
        {
            if (key != 0)
            {
                larger[Find(larger, key)] = key;
            }
        }

        _slots = larger;
    }

    private static ulong Key(ulong hash) => hash == 0 ? 1 : hash; // 0 marks an empty slot

    private static int Find(ulong[] slots, ulong key)
    {
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> 32) & (slots.Length - 1);
        while (slots[slot] != 0 && slots[slot] != key)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        return slot;
    }
}
