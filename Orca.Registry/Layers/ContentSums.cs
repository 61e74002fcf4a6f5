namespace Orca.Registry.Layers;

/// <summary>The sums of the files just written, by <see cref="PathHash"/>: who records the tree need not read them back.</summary>
/// <remarks>Sixteen bytes each, and at most eight megabytes; what finds no room is read.</remarks>
internal sealed class ContentSums
{
    private const int MaxCapacity = 512 * 1024;

    private (ulong Path, ulong Sum)[] _slots = new (ulong, ulong)[1024];
    private int _count;

    internal void Add(ulong path, ulong sum)
    {
        if (_count >= _slots.Length / 4 * 3)
        {
            if (_slots.Length == MaxCapacity)
            {
                return;
            }

            Grow();
        }

        _slots[Find(_slots, path)] = (path, sum);
        _count++;
    }

    internal bool TryGet(ulong path, out ulong sum)
    {
        var (known, value) = _slots[Find(_slots, path)];
        sum = value;
        return known == path && path != 0;
    }

    private void Grow()
    {
        var larger = new (ulong, ulong)[_slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot.Path != 0)
            {
                larger[Find(larger, slot.Path)] = slot;
            }
        }

        _slots = larger;
    }

    private static int Find((ulong Path, ulong Sum)[] slots, ulong path)
    {
        var slot = (int)((path * 0x9E3779B97F4A7C15) >> 32) & (slots.Length - 1);
        while (slots[slot].Path != 0 && slots[slot].Path != path)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        return slot;
    }
}
