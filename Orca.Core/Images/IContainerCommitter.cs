using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>What is to become an image, and what is said about it.</summary>
public sealed record CommitRequest
{
    /// <summary>The container's name.</summary>
    public required string Container { get; init; }

    /// <summary>The image's name; null for one made of the container's name and the image's digest.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>What was changed, for the history; null for nothing.</summary>
    public string? Message { get; init; }

    /// <summary>Who made the image; null for nothing.</summary>
    public string? Author { get; init; }

    /// <summary>How the image is run, where that differs from the container; null and empty fields change nothing.</summary>
    public ImageConfig? Changes { get; init; }
}

/// <summary>Makes images of containers.</summary>
public interface IContainerCommitter
{
    /// <summary>Adds the container's changes to its image as one more layer, and stores the result. The container may run: files that change meanwhile are taken as they are met.</summary>
    /// <remarks>Owners are those that programs of the container set, as <see cref="IArchiveWriter.Export"/> writes them. What is mounted into the container is left out.</remarks>
    /// <exception cref="Errors.StoreException">There is no such container, or it cannot be read.</exception>
    StoredImage Commit(CommitRequest request, CancellationToken cancellationToken = default);
}
