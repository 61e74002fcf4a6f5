namespace Orca.Registry.Layers;

/// <summary>What the layers of one image may ask for, all together; beyond it the image is refused.</summary>
internal sealed record LayerLimits
{
    /// <summary>Generous enough for every honest image.</summary>
    internal static readonly LayerLimits Default = new();

    /// <summary>Those of an image.</summary>
    internal static LayerLimits Of(ImageLimits limits) => limits == ImageLimits.Default ? Default : new LayerLimits
    {
        MaxBytes = limits.UnpackedBytes,
        MaxEntries = limits.Entries,
        MaxPath = limits.PathBytes,
        MaxDepth = limits.PathDepth,
        MaxHeader = limits.HeaderBytes,
    };

    /// <summary>Bytes of uncompressed archives, and bytes of files as they appear (holes counted).</summary>
    internal long MaxBytes { get; init; } = ImageLimits.Default.UnpackedBytes;

    /// <summary>Entries, whiteouts included.</summary>
    internal long MaxEntries { get; init; } = ImageLimits.Default.Entries;

    /// <summary>Bytes of one path. More than PATH_MAX: every step is taken below a descriptor, so only single names have the kernel's limit.</summary>
    internal int MaxPath { get; init; } = ImageLimits.Default.PathBytes;

    /// <summary>Names in one path.</summary>
    internal int MaxDepth { get; init; } = ImageLimits.Default.PathDepth;

    /// <summary>Bytes of one extended header (PAX x and g, GNU L and K); Go's archive/tar has the same cap.</summary>
    internal int MaxHeader { get; init; } = ImageLimits.Default.HeaderBytes;

    /// <summary>Regions of data in one sparse file.</summary>
    internal int MaxSparseRegions { get; init; } = 1 << 18;

    /// <summary>Bytes of memory for what is kept of the paths while layers are applied. Nothing is refused for it: what does not fit goes into files.</summary>
    internal long TableMemory { get; init; } = 12 << 20;

    /// <summary>Whether files that upper layers hide are written beside the tree, for other images that have the layer.</summary>
    internal bool KeepsHidden { get; init; } = true;

    /// <summary>What one can do about a refusal.</summary>
    internal static string Hint(string name) => $"if you trust where it comes from, allow more with --image-limit {name}=VALUE";
}
