using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>An image as its source describes it: manifest and config, verified against their digests.</summary>
public sealed record ImageContent
{
    /// <summary>The identity of the image: the digest of <see cref="ManifestBytes"/>.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The manifest's bytes, exactly as they came.</summary>
    public required ReadOnlyMemory<byte> ManifestBytes { get; init; }

    /// <summary>The manifest, read.</summary>
    public required ImageManifest Manifest { get; init; }

    /// <summary>The config's bytes, exactly as they came.</summary>
    public required ReadOnlyMemory<byte> ConfigBytes { get; init; }

    /// <summary>The config, read.</summary>
    public required ImageConfig Config { get; init; }
}
