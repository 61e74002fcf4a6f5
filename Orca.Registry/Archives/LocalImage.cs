using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>One image whose bytes are at hand: in an archive, a layout, a tree.</summary>
/// <param name="names">The names that it brings along, with the archive's word for it; may be empty.</param>
internal abstract class LocalImage(IReadOnlyList<ImageReference> names) : IImageSource
{
    private ImageContent? _content;

    /// <summary>The names that it brings along.</summary>
    internal IReadOnlyList<ImageReference> Names { get; } = names;

    /// <summary>Names that it brings along and that are none here, as they stand there.</summary>
    internal IReadOnlyList<string> UnusableNames { get; init; } = [];

    /// <summary>What may not be as it was meant, for people; null when all is.</summary>
    internal string? Note { get; init; }

    /// <summary>What else it can be selected by: the tags of an OCI layout, as they stand there.</summary>
    internal IReadOnlyList<string> Selectors { get; init; } = [];

    /// <summary>What stands before the path where one of several is chosen, such as <c>oci-archive</c>; null where there is only one.</summary>
    internal virtual string? Transport => null;

    /// <summary>The names that it is asked for by; whoever loads it decides them.</summary>
    internal IReadOnlyList<ImageReference> OfferedAs { get; set; } = names;

    /// <summary>How the image is to be run instead; null: as it says itself. A plain tree says nothing, and is made with it.</summary>
    internal ImageConfig? Changes { get; set; }

    /// <summary>Manifest and config, verified; the same each time.</summary>
    internal ImageContent Resolve(Platform platform, CancellationToken cancellationToken) => _content ??= Changed(Read(platform, cancellationToken));

    private ImageContent Changed(ImageContent content)
    {
        if (Changes is null)
        {
            return content;
        }

        var config = ConfigChanger.Change(content.ConfigBytes.ToArray(), Changes, "cannot change the image");
        var manifest = content.Manifest with { Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Hash(config), Size = config.Length } };
        var bytes = ManifestWriter.Write(manifest);
        return content with { Digest = Hash(bytes), ManifestBytes = bytes, Manifest = manifest, ConfigBytes = config, Config = ImageConfigReader.Read(config, "cannot change the image", DocumentLimits.Stored) };
    }

    /// <summary>The digest of a document that is made here.</summary>
    protected static Digest Hash(byte[] bytes) => Digest.OfSha256(SHA256.HashData(bytes));

    /// <summary>Opens a layer from its first byte. The stream can go back to its start.</summary>
    /// <exception cref="ContentException">The layer is not there.</exception>
    internal abstract Stream OpenLayer(Descriptor layer);

    public Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return OfferedAs.Contains(reference)
            ? Task.FromResult(Resolve(platform, cancellationToken))
            : throw new RegistryException($"cannot load '{reference.Familiar}': the archive has no such image");
    }

    public Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var stream = OpenLayer(blob);
        stream.Position = offset;
        return Task.FromResult(stream);
    }

    public bool ReportCorruption(ImageReference reference, Descriptor blob) => false;

    /// <summary>Reads manifest and config.</summary>
    protected abstract ImageContent Read(Platform platform, CancellationToken cancellationToken);
}
