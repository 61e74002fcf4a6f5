using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>One image of an OCI layout: through indexes to the manifest, every step verified against the digest that led to it.</summary>
/// <param name="files">The layout.</param>
/// <param name="lines">What the layout's index offers for it: a manifest or an index, or one for each platform.</param>
/// <param name="names">The names that it brings along.</param>
internal sealed class OciImage(ArchiveFiles files, IReadOnlyList<Descriptor> lines, IReadOnlyList<ImageReference> names) : LocalImage(names)
{
    private const int MaxDepth = 4;

    internal override string Transport => files is DirectoryFiles ? "oci" : "oci-archive";

    internal override Stream OpenLayer(Descriptor layer) => OpenBlob(layer);

    protected override ImageContent Read(Platform platform, CancellationToken cancellationToken)
    {
        var next = lines.Count == 1 && PlatformChooser.IsManifest(lines[0]) ? lines[0] : Choose(lines, platform);
        for (var depth = 0; depth <= MaxDepth; depth++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = ReadBlob(next, files.Documents.Bytes, "manifest");
            var document = ManifestReader.Read(bytes, next.MediaType.Length == 0 ? null : next.MediaType, files.Failure, files.Documents);
            if (document.Image is { } manifest)
            {
                return WithConfig(next.Digest, bytes, manifest, platform);
            }

            next = Choose(document.Index!, platform);
        }

        throw files.Refuse($"its index leads through more than {MaxDepth} other indexes");
    }

    private ImageContent WithConfig(Digest digest, byte[] bytes, ImageManifest manifest, Platform platform)
    {
        var configBytes = ReadBlob(manifest.Config, files.Documents.Bytes, "image config");
        var config = ImageConfigReader.Read(configBytes, files.Failure, files.Documents);
        if (!PlatformChooser.Runs(platform, config.Platform))
        {
            throw files.Refuse($"the image is for {Quoted.Text(config.Platform.ToString())}, not for {platform}");
        }

        foreach (var layer in manifest.Layers)
        {
            OpenBlob(layer).Dispose(); // what is missing is better known before the first layer is unpacked
        }

        return config.DiffIds.Count == manifest.Layers.Count
            ? new ImageContent { Digest = digest, ManifestBytes = bytes, Manifest = manifest, ConfigBytes = configBytes, Config = config }
            : throw files.Refuse($"the manifest has {manifest.Layers.Count} layers, the image config {config.DiffIds.Count}");
    }

    /// <summary>Of those whose manifest is in the layout: tools that write an image for one platform keep the index of all.</summary>
    private Descriptor Choose(IReadOnlyList<Descriptor> offered, Platform platform)
    {
        var others = PlatformChooser.Others(platform);
        var there = offered.Where(IsThere).ToList();
        if (PlatformChooser.Choose(there, platform, others) is { } chosen)
        {
            return chosen;
        }

        var listed = PlatformChooser.Choose(offered, platform, others);
        return listed is null ? throw files.Refuse(PlatformChooser.Missing(there.Count == 0 ? offered : there, platform))
            : there.Count == 0 || listed.Platform is null ? listed // whose file is told as missing
            : throw files.Refuse($"the image for {Quoted.Text(listed.Platform.ToString())} is only listed in it; what is there is for {PlatformChooser.Platforms(there)}");
    }

    private bool IsThere(Descriptor entry)
    {
        using var blob = files.TryOpen(NameOf(entry));
        return blob is not null;
    }

    private byte[] ReadBlob(Descriptor blob, int limit, string what)
    {
        using (OpenBlob(blob))
        {
            var bytes = files.TryRead(NameOf(blob), limit)!;
            var actual = blob.Digest.OfContent(bytes);
            return actual == blob.Digest ? bytes : throw files.Refuse($"the {what} does not match its digest: it is '{actual}' instead of '{blob.Digest}'");
        }
    }

    private Stream OpenBlob(Descriptor blob)
    {
        var stream = files.Open(NameOf(blob));
        if (stream.Length == blob.Size)
        {
            return stream;
        }

        using (stream)
        {
            throw files.Refuse($"the blob {blob.Digest} has {stream.Length} bytes instead of {blob.Size}");
        }
    }

    private static string NameOf(Descriptor blob) => $"blobs/{blob.Digest.Algorithm}/{blob.Digest.Hex}";
}
