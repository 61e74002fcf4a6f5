using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>A stored image as an image of one layer, which is made of the tree and the side table while it is read.</summary>
internal sealed class FlatImage : IDisposable
{
    private const int MaxOwners = 1 << 30;

    private readonly Fd _root;
    private readonly FileLock? _held;
    private readonly string _rootfs;
    private readonly OwnerLookup _owners;
    private readonly string _shown;

    private FlatImage(Fd root, StoredImage image, FileLock? held)
    {
        (_root, _held, _rootfs, _shown) = (root, held, image.Rootfs, image.Digest.Abbreviated);
        _owners = ReadOwners(root, image);
    }

    /// <summary>The layer, uncompressed: its digest is its diff id.</summary>
    internal Descriptor Layer { get; private set; } = null!;

    internal byte[] Config { get; private set; } = [];

    /// <summary>The config's digest, by which Docker knows the image.</summary>
    internal Digest ConfigDigest { get; private set; }

    internal byte[] Manifest { get; private set; } = [];

    /// <summary>The manifest's descriptor.</summary>
    internal Descriptor Descriptor { get; private set; } = null!;

    /// <summary>Holds an image of the store, and reads it once to know what its layer will be.</summary>
    internal static FlatImage Open(StoreRoot store, StoredImage image, CancellationToken cancellationToken)
    {
        var (root, held) = Hold(store, image, cancellationToken);
        try
        {
            var flat = new FlatImage(root, image, held);
            flat.Measure(image, cancellationToken);
            return flat;
        }
        catch
        {
            Release(root, held);
            throw;
        }
    }

    /// <summary>The root of the store that has an image, and the image's lock there; a store behind the own one is only read, without a lock.</summary>
    internal static (Fd Root, FileLock? Held) Hold(StoreRoot store, StoredImage image, CancellationToken cancellationToken) => image.Store is { } behind
        ? (FileSystem.Open(null, PathZ.From(NativeText.Encode(behind)), O_RDONLY | O_DIRECTORY), null)
        : (store.Open(), FileLock.Acquire(store.Open(), StorePaths.ImageLock(image.Digest), exclusive: false, cancellationToken));

    /// <summary>Ends what <see cref="Hold"/> began.</summary>
    internal static void Release(Fd root, FileLock? held)
    {
        if (held is null)
        {
            root.Dispose(); // opened for this image alone
        }

        held?.Dispose();
    }

    /// <summary>Writes the layer, and makes sure that it is what was promised.</summary>
    internal Stream OpenLayer() => new VerifyingStream(new TreeTarStream(OpenTree), Layer.Digest, Layer.Size, $"the layer of image {_shown}");

    /// <summary>The side table of an image.</summary>
    internal static OwnerLookup ReadOwners(Fd root, StoredImage image) =>
        StoreDirectory.TryRead(root, $"{StorePaths.Image(image.Digest)}/{ImageBuilder.OwnersName}", MaxOwners) is { } table
            ? new OwnerLookup(table)
            : throw new StoreException($"cannot read image {image.Digest.Abbreviated}: it was removed meanwhile, or is damaged");

    public void Dispose() => Release(_root, _held);

    private TreeWalker OpenTree() => new(FileSystem.Open(_root, PathZ.From(_rootfs), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), null, TreeOwners.OfStore(_owners), isOurs: true);

    private void Measure(StoredImage image, CancellationToken cancellationToken)
    {
        var (diffId, size) = DigestStream.Measure(new TreeTarStream(OpenTree), cancellationToken);
        Layer = new Descriptor { MediaType = MediaTypes.OciLayer, Digest = diffId, Size = size };
        var config = StoreDirectory.TryRead(_root, $"{StorePaths.Image(image.Digest)}/{ImageReader.ConfigName}", Manifests.DocumentLimits.Stored.Bytes)
            ?? throw new StoreException($"cannot read image {_shown}: it has no config");
        Config = ConfigRewriter.Rewrite(config, diffId, $"cannot save image {_shown}");
        var described = Describe(MediaTypes.OciConfig, Config);
        ConfigDigest = described.Digest;
        Manifest = ManifestWriter.Write(new ImageManifest { Config = described, Layers = [Layer] });
        Descriptor = Describe(MediaTypes.OciManifest, Manifest);
    }

    private static Descriptor Describe(string mediaType, byte[] bytes) =>
        new() { MediaType = mediaType, Digest = Digest.OfSha256(SHA256.HashData(bytes)), Size = bytes.Length };
}
