using Orca.Core.References;

namespace Orca.Core.Upkeep;

/// <summary>What else may go.</summary>
public sealed record PruneOptions
{
    /// <summary>Also the layers that an interrupted pull has fetched and would resume from.</summary>
    public bool Unfinished { get; init; }
}

/// <summary>What was deleted.</summary>
public sealed record PruneReport
{
    /// <summary>Images that had no name.</summary>
    public IReadOnlyList<Digest> Images { get; init; } = [];

    /// <summary>Containers of runs that were killed, and kept ones whose making was.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Fetched layers.</summary>
    public int Parts { get; init; }

    /// <summary>Trees and files that dead processes were building or deleting.</summary>
    public int Leftovers { get; init; }

    /// <summary>Locks of what is no more.</summary>
    public int Locks { get; init; }

    /// <summary>Bytes on the disk that were freed; what another image still uses is not counted.</summary>
    public long Bytes { get; init; }

    /// <summary>What could not be deleted, one line each.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];
}
