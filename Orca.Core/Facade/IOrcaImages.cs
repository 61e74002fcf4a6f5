using Orca.Core.Images;
using Orca.Core.References;

namespace Orca;

/// <summary>The images of the store that containers run from. Safe to use from many threads, and beside other programs on the same store.</summary>
public interface IOrcaImages
{
    /// <summary>Pulls an image from its registry into the store and gives it the name there. Layers that the store has are not fetched again.</summary>
    /// <param name="name">The image.</param>
    /// <param name="platform">The platform to choose where the image is there for several; null for the machine's own.</param>
    /// <param name="progress">Hears how it goes; null for nobody.</param>
    /// <param name="cancellationToken">Ends the pull; what was fetched of it is used by the next one.</param>
    /// <exception cref="Core.Errors.OrcaException">A <see cref="Core.Errors.RegistryException"/>, <see cref="Core.Errors.ContentException"/>, <see cref="Core.Errors.LayerException"/> or <see cref="Core.Errors.StoreException"/>.</exception>
    Task<StoredImage> PullAsync(ImageReference name, Platform? platform = null, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Loads images from archives, directories, streams and URLs into the store.</summary>
    /// <exception cref="Core.Errors.OrcaException">As <see cref="PullAsync"/>.</exception>
    Task<IReadOnlyList<LoadedImage>> LoadAsync(LoadRequest request, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Returns the image of a name or digest in the store; null when the store has no such image.</summary>
    /// <exception cref="Core.Errors.StoreException">The store cannot be read.</exception>
    Task<StoredImage?> FindAsync(ImageReference name, CancellationToken cancellationToken = default);

    /// <summary>Returns all images of the store, by name.</summary>
    /// <exception cref="Core.Errors.StoreException">The store cannot be read.</exception>
    Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes a name, and with its last name the image.</summary>
    /// <param name="name">The name.</param>
    /// <param name="force">True: neither a missing image nor one that kept containers use is an error.</param>
    /// <param name="cancellationToken">Ends the call before it has begun.</param>
    /// <exception cref="Core.Errors.StoreException">There is no such image, or containers use it.</exception>
    Task RemoveAsync(ImageReference name, bool force = false, CancellationToken cancellationToken = default);
}
