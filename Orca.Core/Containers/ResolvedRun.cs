using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Core.Containers;

/// <summary>A request with what its names mean, looked up once: the kept container, the image, and whether it is in the store.</summary>
public sealed record ResolvedRun
{
    /// <summary>The request.</summary>
    public required RunRequest Request { get; init; }

    /// <summary>What the kept container of the request's name remembers; null when there is none yet, or the run has no name.</summary>
    public ContainerRecord? Known { get; init; }

    /// <summary>The image's name in the store, and to pull it by; null when a kept container is entered again.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>The image; null when it is not in the store for the request's platform, or a kept container is entered again.</summary>
    public StoredImage? Image { get; init; }

    /// <summary>Whether the image must be pulled before the run, by the request's policy and what the store has.</summary>
    public bool NeedsPull { get; init; }
}
