using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>When a run asks the source for an image.</summary>
public enum PullPolicy
{
    /// <summary>Only when the store lacks it; a stored image needs no network.</summary>
    Missing,

    /// <summary>Every time; layers that are there are not fetched again.</summary>
    Always,

    /// <summary>Never: a missing image is an error.</summary>
    Never,
}

/// <summary>Brings an image from a source into the store.</summary>
public interface IImagePuller
{
    /// <summary>Fetches, verifies, flattens and publishes; afterwards the reference names the image in the store.</summary>
    /// <remarks>A short name is pulled by the first of its meanings (<see cref="IShortNames"/>) that is to be had, and that is what the store has then. All or nothing: a failure or cancellation leaves no image and no name, only resumable parts. Safe to call from many processes at once.</remarks>
    /// <exception cref="Errors.OrcaException">Any of its kinds: registry, content, layer, store.</exception>
    Task<StoredImage> PullAsync(ImageReference reference, Platform platform, IProgress<PullProgress>? progress, CancellationToken cancellationToken);
}
