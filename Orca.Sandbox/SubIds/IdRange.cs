namespace Orca.Sandbox.SubIds;

/// <summary>Ids on the host, from the first on.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many; the last is below 2^32-1, which is no id.</param>
internal readonly record struct IdRange(uint First, uint Count)
{
    /// <summary>The id behind the last.</summary>
    internal ulong End => (ulong)First + Count;

    /// <summary>True when some id is in both.</summary>
    internal bool Overlaps(IdRange other) => First < other.End && other.First < End;

    public override string ToString() => string.Create(null, $"{First}-{End - 1}");
}

/// <summary>The caller's subordinate ids: inside they follow upon 0, which is the caller.</summary>
internal sealed record SubordinateIds(IReadOnlyList<IdRange> Users, IReadOnlyList<IdRange> Groups)
{
    /// <summary>So many ids of each kind are needed: images use what fits in 16 bits, and 65534 is nobody's.</summary>
    internal const uint Needed = 65536;

    /// <summary>The ids inside that these ranges serve, after 0.</summary>
    internal static ulong Total(IReadOnlyList<IdRange> ranges) => ranges.Aggregate(0UL, static (sum, range) => sum + range.Count);
}
