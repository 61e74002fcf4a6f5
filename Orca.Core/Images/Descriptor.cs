using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>Points to content by digest: what it is, which bytes, and how many.</summary>
/// <remarks>Source: OCI image-spec, descriptor.md.</remarks>
public sealed record Descriptor
{
    /// <summary>What the bytes claim to be; a hint that the content must bear out.</summary>
    public required string MediaType { get; init; }

    /// <summary>The identity of the bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>How many bytes; never negative.</summary>
    public required long Size { get; init; }

    /// <summary>What the content is when it is no image: the type of an artifact; null for an image.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Where the content runs; only in an index.</summary>
    public Platform? Platform { get; init; }
}
