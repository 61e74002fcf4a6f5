using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>What a pull is doing with one layer.</summary>
public enum PullStage
{
    /// <summary>Nothing yet: other layers come first.</summary>
    Waiting,

    /// <summary>The store has the layer already, in another image: nothing is fetched, unless that one turns out to lack something.</summary>
    Present,

    /// <summary>Bytes come from the source.</summary>
    Fetching,

    /// <summary>The layer is on disk in part files and waits for the layers below it, or is being applied.</summary>
    Applying,

    /// <summary>The layer is in the tree.</summary>
    Done,
}

/// <summary>One report of progress on one layer.</summary>
/// <param name="Layer">The layer's digest.</param>
/// <param name="Index">Its place among the layers, from 0.</param>
/// <param name="Count">How many layers there are.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Bytes">Compressed bytes fetched so far, those of an earlier run included.</param>
/// <param name="Total">Compressed bytes of the layer.</param>
public readonly record struct PullProgress(Digest Layer, int Index, int Count, PullStage Stage, long Bytes, long Total)
{
    /// <summary>Compressed bytes that are unpacked into the tree. Reported from <see cref="PullStage.Applying"/> on: before, a layer is not unpacked faster than it comes.</summary>
    public long Unpacked { get; init; }
}
