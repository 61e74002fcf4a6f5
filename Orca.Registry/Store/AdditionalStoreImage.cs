using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>A pull of an image that a store behind the own one has: nothing is left to do but the name, and often not even that.</summary>
internal sealed class AdditionalStoreImage(ImageStore images, StoredImage existing) : IImageBuilder
{
    public StoredImage? Existing => existing;

    public void Apply(Stream layer, CancellationToken cancellationToken) => throw new InvalidOperationException("the image is complete");

    public void Apply(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken) => throw new InvalidOperationException("the image is complete");

    public bool Has(Digest diffId) => true;

    public StoredImage Publish(ImageReference reference)
    {
        if (images.Find(reference)?.Digest != existing.Digest)
        {
            images.WriteName(reference, existing.Digest);
        }

        return images.Find(existing.Digest) ?? existing;
    }

    public void Dispose()
    {
    }
}
