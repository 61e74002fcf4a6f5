using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>Brings images from anywhere into the store: archives, directories, streams, addresses; registries too.</summary>
public interface IImageLoader
{
    /// <summary>Reads, verifies, flattens and publishes every image that the request means.</summary>
    /// <remarks>
    /// Each image is all or nothing. A name that an archive brings along never takes over one that is another image's, unless the request says so
    /// (CVE-2026-50195): then nothing of the archive is loaded. What must be kept while it is read goes into the store's staging area, and goes again.
    /// </remarks>
    /// <exception cref="Errors.OrcaException">Any of its kinds: content and layer for what is wrong with the bytes, registry for addresses, store for names and disk.</exception>
    Task<IReadOnlyList<LoadedImage>> LoadAsync(LoadRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>What to load, and under which names.</summary>
public sealed record LoadRequest
{
    /// <summary>Where the images are.</summary>
    public required ImageLocation Location { get; init; }

    /// <summary>The name to store the one image under, instead of those it brings along; may be taken, for whoever asks chose it. Never one with a digest, which means the image of that digest.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>True: names of the archive may take over existing ones.</summary>
    public bool Replace { get; init; }

    /// <summary>True: there must be exactly one image, or the location must select one.</summary>
    public bool Single { get; init; }

    /// <summary>True: a name that is another image's is left alone, and the image stored under its digest only, instead of refused.</summary>
    public bool YieldNames { get; init; }

    /// <summary>The platform to choose where an image is there for several.</summary>
    public Platform Platform { get; init; } = Platform.Current;

    /// <summary>What an image made from a plain tree says about running it, and what an image that brings a config says instead: fields that are null or empty change nothing there. <see cref="ImageConfig.Platform"/> and diff ids are not looked at. Null: nothing.</summary>
    public ImageConfig? Defaults { get; init; }

    /// <summary>The stored image over which a directory is put; null for none. Only for a location that is a directory of files.</summary>
    public ImageReference? Base { get; init; }

    /// <summary>Where the content of the directory appears in the image, as an absolute path.</summary>
    public string Into { get; init; } = "/";

    /// <summary>Takes the place of standard input, for <c>-</c>; null reads descriptor 0.</summary>
    public Stream? Input { get; init; }
}

/// <summary>One image that is in the store now.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">The names that the request gave it; the first one is never empty.</param>
/// <param name="Replaced">Those of the names that were another image's before.</param>
public sealed record LoadedImage(StoredImage Image, IReadOnlyList<ImageReference> Names, IReadOnlyList<ImageReference> Replaced)
{
    /// <summary>Names that the archive gives the image and that cannot be names here, as they stand in it; empty when the request gave it another.</summary>
    public IReadOnlyList<string> UnusableNames { get; init; } = [];
}
