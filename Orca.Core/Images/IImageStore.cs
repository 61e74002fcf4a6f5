using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>Images at rest.</summary>
public interface IImageStore
{
    /// <summary>The image a name or a digest points to; null when there is none. Needs no lock and no network.</summary>
    StoredImage? Find(ImageReference reference);

    /// <summary>The image with this identity; null when there is none.</summary>
    StoredImage? Find(Digest digest);

    /// <summary>All images, by name.</summary>
    IReadOnlyList<StoredImage> List();

    /// <summary>Starts building an image, or joins in after another process built it.</summary>
    /// <remarks>Waits while another process builds the same image, until cancelled. The result must be disposed; unless published, it leaves nothing.</remarks>
    IImageBuilder Begin(ImageContent content, CancellationToken cancellationToken = default);

    /// <summary>Makes a name point to an image, atomically replacing what it pointed to.</summary>
    void Tag(ImageReference reference, Digest digest);

    /// <summary>Takes the name away, and the image with its last name.</summary>
    /// <returns>The images' digests whose trees were deleted; empty when other names still point to the image.</returns>
    /// <exception cref="Errors.StoreException">No such image, or containers use it; with <paramref name="force"/>, neither is an error.</exception>
    IReadOnlyList<Digest> Remove(ImageReference reference, bool force);
}

/// <summary>One image being built in the store's staging area.</summary>
public interface IImageBuilder : IDisposable
{
    /// <summary>The image when it is already complete, so that nothing is left to apply; else null.</summary>
    StoredImage? Existing { get; }

    /// <summary>Applies the next layer (base first) to the tree, reading the uncompressed archive to its end.</summary>
    /// <remarks>The stream verifies itself: it throws <see cref="Errors.ContentException"/> at its end when the bytes were not the promised ones.</remarks>
    /// <exception cref="Errors.LayerException">The archive is hostile, damaged or beyond the limits.</exception>
    void Apply(Stream layer, CancellationToken cancellationToken);

    /// <summary>True when the store has a layer already, in other images: then its source is hardly ever opened, and need not be fetched before.</summary>
    /// <param name="diffId">The digest of its uncompressed archive.</param>
    bool Has(Digest diffId);

    /// <summary>Applies all layers, given base first, in whatever order is best: each path of the tree is written once where that can be known.</summary>
    /// <remarks>Instead of <see cref="Apply(Stream, CancellationToken)"/>. Layers are opened when they are needed, the uppermost first, and perhaps again.</remarks>
    /// <exception cref="Errors.LayerException">The archive is hostile, damaged or beyond the limits.</exception>
    void Apply(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken);

    /// <summary>Makes the tree durable, then visible by one rename, and the reference point to it.</summary>
    StoredImage Publish(ImageReference reference);
}
