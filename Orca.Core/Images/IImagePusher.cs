using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>Brings images from the store to registries.</summary>
public interface IImagePusher
{
    /// <summary>Pushes an image, and gives it a name in the registry when all that it is made of is there.</summary>
    /// <remarks>
    /// Where the registry has the layers that the image came with, or takes them from another repository, the image keeps its digest. Else it is pushed as one layer, made of its
    /// tree: the store does not keep the archives of layers.
    /// </remarks>
    /// <param name="image">The image.</param>
    /// <param name="target">Its name in the registry.</param>
    /// <param name="progress">Hears of what is sent; null for nobody.</param>
    /// <param name="cancellationToken">Ends the push. What the registry has whole by then is not sent again.</param>
    /// <returns>The digest of the manifest in the registry.</returns>
    /// <exception cref="Errors.RegistryException">The registry refuses, or does not answer.</exception>
    Task<Digest> PushAsync(StoredImage image, ImageReference target, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default);
}
