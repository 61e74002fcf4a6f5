using Orca.Core.Images;

namespace Orca.Core.Upkeep;

/// <summary>What a store holds, in bytes on the disk.</summary>
public sealed record StoreUsage
{
    /// <summary>Absolute path of the store's root.</summary>
    public required string Store { get; init; }

    /// <summary>The file system it lies on, by its usual name.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Bytes that are free for this user there.</summary>
    public required long Free { get; init; }

    /// <summary>The images, as <see cref="IImageStore.List"/> has them.</summary>
    public required IReadOnlyList<ImageUsage> Images { get; init; }

    /// <summary>Bytes of all images together: what several share is counted once.</summary>
    public required long ImageBytes { get; init; }

    /// <summary>The kept and the running containers: their changes, without the image.</summary>
    public required IReadOnlyList<ContainerUsage> Containers { get; init; }

    /// <summary>The volumes.</summary>
    public IReadOnlyList<VolumeUsage> Volumes { get; init; } = [];

    /// <summary>Layers with what containers had changed up to their snapshots; what several containers share is counted once.</summary>
    public PileUsage Snapshots { get; init; }

    /// <summary>Layers fetched in part or whole, kept to resume a pull.</summary>
    public required PileUsage Parts { get; init; }

    /// <summary>What is being built or deleted by processes that live.</summary>
    public required PileUsage Staging { get; init; }

    /// <summary>What <see cref="IStoreUpkeep.Prune"/> would delete of what dead processes left; images are not in it.</summary>
    public required PileUsage Garbage { get; init; }
}

/// <summary>One image on the disk.</summary>
/// <param name="Image">The image.</param>
/// <param name="Bytes">Bytes on the disk, what it shares included.</param>
/// <param name="Shared">How many of them other images use too: removing the image would not free these.</param>
public sealed record ImageUsage(StoredImage Image, long Bytes, long Shared)
{
    /// <summary>What removing the image would free.</summary>
    public long Own => Bytes - Shared;
}

/// <summary>How much of an image's files other images have too.</summary>
/// <param name="Image">The image.</param>
/// <param name="Shared">Of <see cref="StoredImage.Size"/>, the bytes in files that lie on the disk once for several images.</param>
public sealed record ImageSharing(StoredImage Image, long Shared);

/// <summary>One container on the disk.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Bytes on the disk, its image not counted.</param>
public sealed record ContainerUsage(string Name, long Bytes);

/// <summary>One volume on the disk.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Bytes on the disk.</param>
public sealed record VolumeUsage(string Name, long Bytes);

/// <summary>A number of things of one kind.</summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Bytes on the disk.</param>
public readonly record struct PileUsage(int Count, long Bytes);
