using Orca.Registry.Layers.Spill;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Facts about paths, by <see cref="PathHash"/>: 16 bytes each, of which the facts take seven bits.</summary>
internal sealed class PathFacts(SpillSpace space) : IDisposable
{
    private const int FactBits = 7;

    private SpillTable _table = SpillTable.OfBits(space, FactBits);

    internal PathFact this[UInt128 path] => (PathFact)_table.Get(path);

    /// <summary>Replaces what is known of a path; there is always something.</summary>
    internal void Set(UInt128 path, PathFact facts)
    {
        if (facts != PathFact.None)
        {
            _table.Set(path, (ulong)facts);
        }
    }

    internal void Clear() => _table.Clear();

    /// <summary>Merges every path of the layer just applied into what the layers above said.</summary>
    /// <remarks>Afterwards the layer's facts are of no use any more: where nothing was said above, they are taken over and not copied, for the uppermost layer may be the one with a million paths.</remarks>
    internal void Merge(PathFacts layer)
    {
        if (_table.Count == 0)
        {
            (_table, layer._table) = (layer._table, _table);
            _table.Change(static facts => (ulong)Combine(PathFact.None, (PathFact)facts));
            return;
        }

        _table.Reserve(layer._table.Count);
        foreach (var (path, facts) in layer._table.All())
        {
            Set(path, Combine(this[path], (PathFact)facts));
        }
    }

    public void Dispose() => _table.Dispose();

    /// <summary>What holds for the layers below, when <paramref name="above"/> was known and a layer adds <paramref name="layer"/>.</summary>
    private static PathFact Combine(PathFact above, PathFact layer)
    {
        var staysDirectory = (layer & PathFact.Implied) != 0; // its own whiteout spares it, be it seen or not: what lower layers say of it counts
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
        var seals = adds is PathFact.Listed or PathFact.Other || (adds == PathFact.None && (layer & PathFact.Gone) != 0 && !staysDirectory);
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
}
