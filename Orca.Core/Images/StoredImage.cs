using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>An image at rest in a store: flattened, complete, never changed again.</summary>
public sealed record StoredImage
{
    /// <summary>The identity: the digest of its manifest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>What it says about running it.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Where the flattened tree lies: a directory relative to the root of the store that holds it, such as <c>images/HEX/rootfs</c>.</summary>
    public required string Rootfs { get; init; }

    /// <summary>Absolute path of the store that holds it, when that is not the own one but one that stands behind it and is only read; else null.</summary>
    public string? Store { get; init; }

    /// <summary>The names that point to it, canonical; may be empty.</summary>
    public required IReadOnlyList<ImageReference> References { get; init; }

    /// <summary>Bytes of all regular files in the tree.</summary>
    public long Size { get; init; }

    /// <summary>What could not be kept of it when it was stored just now, one line a kind; empty for an image that was there already.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>When it was published.</summary>
    public DateTimeOffset Pulled { get; init; }
}
