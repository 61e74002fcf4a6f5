namespace Orca.Registry.Layers;

/// <summary>What the layers of one image may ask for, all together; beyond it the image is refused.</summary>
internal sealed record LayerLimits
{
    /// <summary>Generous enough for every honest image.</summary>
    internal static readonly LayerLimits Default = new();

    /// <summary>Bytes of uncompressed archives, and bytes of files as they appear (holes counted).</summary>
    internal long MaxBytes { get; init; } = 64L << 30;

    /// <summary>Entries, whiteouts included.</summary>
    internal long MaxEntries { get; init; } = 10_000_000;

    /// <summary>Bytes of one path. More than PATH_MAX: every step is taken below a descriptor, so only single names have the kernel's limit.</summary>
    internal int MaxPath { get; init; } = 32 * 1024;

    /// <summary>Bytes of one extended header (PAX x and g, GNU L and K); Go's archive/tar has the same cap.</summary>
    internal int MaxHeader { get; init; } = 1 << 20;

    /// <summary>Regions of data in one sparse file.</summary>
    internal int MaxSparseRegions { get; init; } = 1 << 18;

    /// <summary>Memory for owners, modes and devices that the disk cannot hold, in bytes.</summary>
    internal long MaxOwnersMemory { get; init; } = 256L << 20;
}
