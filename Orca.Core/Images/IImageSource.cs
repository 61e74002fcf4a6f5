using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>Where images come from: a registry, an archive, the image built into the binary.</summary>
public interface IImageSource
{
    /// <summary>Finds the image a reference names, for a platform, and hands out its manifest and config, verified.</summary>
    /// <exception cref="Errors.RegistryException">The source cannot be reached, refuses, or has no such image.</exception>
    /// <exception cref="Errors.ContentException">The bytes do not match their digest, or are not an image for the platform.</exception>
    Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken);

    /// <summary>Opens a blob's bytes from <paramref name="offset"/> to its end.</summary>
    /// <remarks>
    /// The stream survives broken connections by asking again for what is missing. It never gives more bytes than the descriptor's size.
    /// It does not verify the digest: the reader may hold the first <paramref name="offset"/> bytes from an earlier run, so only the reader can.
    /// </remarks>
    /// <exception cref="Errors.RegistryException">The source cannot be reached, refuses, or has no such blob; also thrown by reads.</exception>
    Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken);

    /// <summary>Says that the bytes which came of a blob were not the promised ones.</summary>
    /// <returns>True when there is another place that has the image: what is opened from now on comes from there.</returns>
    bool ReportCorruption(ImageReference reference, Descriptor blob);
}
