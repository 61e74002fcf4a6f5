namespace Orca.Registry.Layers;

/// <summary>What every sparse map must be, whichever dialect it came in.</summary>
internal static class SparseMap
{
    internal const string Fault = "the sparse map is malformed";

    /// <summary>Adds a region; false when it overlaps or goes back, is negative, ends behind the file, or is one too many.</summary>
    internal static bool TryAdd(LayerEntry entry, Int128 offset, Int128 length, int limit)
    {
        var regions = entry.Regions;
        var before = regions.Count == 0 ? 0 : regions[^1].Offset + regions[^1].Length;
        if (offset < before || length < 0 || offset + length > entry.Size || regions.Count >= limit)
        {
            return false;
        }

        regions.Add(new SparseRegion((long)offset, (long)length));
        return true;
    }

    /// <summary>How many bytes of data the regions take in the archive.</summary>
    internal static long StoredBytes(LayerEntry entry)
    {
        long sum = 0;
        foreach (var region in entry.Regions)
        {
            sum += region.Length;
        }

        return sum;
    }
}
