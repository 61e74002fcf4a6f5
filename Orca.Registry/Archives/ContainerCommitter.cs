using System.Security.Cryptography;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Manifests;
using Orca.Registry.Store;

namespace Orca.Registry.Archives;

/// <inheritdoc cref="IContainerCommitter"/>
/// <remarks>
/// The changes are written into a file without a name first: a container that runs goes on changing, and the digest must be that of the bytes that are applied. The layers
/// below keep the digests that they came with, and their files get second names. Where the store cannot do that (an image of another store, damaged records), the tree of
/// the image becomes one layer that takes the place of all.
/// </remarks>
internal sealed class ContainerCommitter(StoreRoot store, IImageStore images, TimeProvider time, ImageLimits limits) : IContainerCommitter
{
    private readonly StagingArea _staging = new(store);

    /// <inheritdoc/>
    public StoredImage Commit(CommitRequest request, CancellationToken cancellationToken)
    {
        if (request.Name is { Digest: not null } pinned)
        {
            throw new ReferenceException($"cannot give an image the name '{pinned.Familiar}': a name with a digest means the image of that digest", "leave out what begins with the '@'");
        }

        var root = store.Open();
        var failure = $"cannot commit container '{Quoted.Text(request.Container)}'";
        var record = Find(root, request.Container) ?? throw new StoreException($"{failure}: no such container", "'orca ps -a' lists what is there");
        if (record.Options.Security.UserNamespace == UserNamespaceMode.SubIds)
        {
            throw new StoreException(
                $"{failure}: it was made with '--userns=subids', and its files belong to many ids", $"an archive of the container has their owners: orca export {record.Name} | orca import - {request.Name?.Familiar ?? record.Name}");
        }

        var image = images.Find(record.ImageDigest) ?? throw new StoreException($"{failure}: its image {record.ImageDigest.Abbreviated} is not whole in the store");
        using var spool = new Spool(_staging, failure, limits.UnpackedBytes);
        var changes = Spooled(root, record, image, spool, cancellationToken);
        if (Find(root, request.Container)?.Created != record.Created)
        {
            throw new StoreException($"{failure}: it was removed meanwhile");
        }

        var now = time.GetUtcNow();
        var upper = new CommittedLayer(changes, changes.Digest, () => new VerifyingStream(new FileSlice(spool.File, 0, changes.Size), changes.Digest, changes.Size, "the layer of changes"));
        var (config, below) = Lower(image, failure, cancellationToken);
        return TryBuild(config, [.. below, upper], request, record, now, failure, cancellationToken) ?? BuildFlat(image, upper, request, record, now, failure, cancellationToken);
    }

    /// <summary>Writes the container's changes into a file.</summary>
    /// <returns>What they are.</returns>
    private Descriptor Spooled(Fd root, ContainerRecord record, StoredImage image, Spool spool, CancellationToken cancellationToken)
    {
        var (imageRoot, held) = FlatImage.Hold(store, image, cancellationToken);
        try
        {
            var table = FlatImage.ReadOwners(imageRoot, image);
            var owners = record.Options.Security.UserNamespace == UserNamespaceMode.Host ? TreeOwners.OfManyIds(table) : TreeOwners.OfStore(table);
            using var view = ContainerView.Open(store, record.Name, RememberedOwners.MaxTable);
            using var digest = new DigestStream(new TreeTarStream(() => ArchiveWriter.OpenTree(root, view, imageRoot, image, owners, onlyChanges: true)));
            spool.Append(digest, cancellationToken);
            return new Descriptor { MediaType = MediaTypes.OciLayer, Digest = digest.ToDigest(), Size = spool.Length };
        }
        finally
        {
            FlatImage.Release(imageRoot, held);
        }
    }

    /// <summary>The config of an image, and its layers as it came with them.</summary>
    private (byte[] Config, List<CommittedLayer> Layers) Lower(StoredImage image, string failure, CancellationToken cancellationToken)
    {
        var path = StorePaths.Image(image.Digest);
        var (root, held) = FlatImage.Hold(store, image, cancellationToken);
        try
        {
            return Lower(root, path, image, failure);
        }
        finally
        {
            FlatImage.Release(root, held);
        }
    }

    private static (byte[] Config, List<CommittedLayer> Layers) Lower(Fd root, string path, StoredImage image, string failure)
    {
        if (StoreDirectory.TryRead(root, $"{path}/{ImageReader.ConfigName}", DocumentLimits.Stored.Bytes) is not { } config
            || StoreDirectory.TryRead(root, $"{path}/{ImageBuilder.ManifestName}", DocumentLimits.Stored.Bytes) is not { } bytes)
        {
            throw new StoreException($"{failure}: its image {image.Digest.Abbreviated} was removed meanwhile");
        }

        var layers = ManifestReader.Read(bytes, failure: failure, limits: DocumentLimits.Stored).Image?.Layers ?? [];
        return (config, [.. layers.Zip(image.Config.DiffIds, static (layer, diffId) => new CommittedLayer(OfOci(layer), diffId, null))]);
    }

    /// <summary>Builds and publishes the image; null where the archive of a layer would be needed that the store has not.</summary>
    private StoredImage? TryBuild(byte[] config, IReadOnlyList<CommittedLayer> layers, CommitRequest request, ContainerRecord record, DateTimeOffset now, string failure, CancellationToken cancellationToken)
    {
        var content = Describe(CommitConfig.Write(config, [.. layers.Select(static layer => layer.DiffId)], request, record.Options.Process, now, failure), layers, failure);
        using var builder = images.Begin(content, cancellationToken);
        try
        {
            if (builder.Existing is null)
            {
                builder.Apply(layers, cancellationToken);
            }
        }
        catch (OrcaException) when (layers.Any(static layer => layer.IsMissing))
        {
            return null;
        }

        return builder.Publish(request.Name ?? ImageNames.Pinned(ImageNames.OfFile(record.Name), content.Digest));
    }

    private StoredImage BuildFlat(StoredImage image, CommittedLayer upper, CommitRequest request, ContainerRecord record, DateTimeOffset now, string failure, CancellationToken cancellationToken)
    {
        using var flat = FlatImage.Open(store, image, cancellationToken);
        var lower = new CommittedLayer(flat.Layer, flat.Layer.Digest, flat.OpenLayer);
        return TryBuild(flat.Config, [lower, upper], request, record, now, failure, cancellationToken)!;
    }

    private static ImageContent Describe(byte[] config, IReadOnlyList<CommittedLayer> layers, string failure)
    {
        var manifest = new ImageManifest
        {
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Hash(config), Size = config.Length },
            Layers = [.. layers.Select(static layer => layer.Layer)],
        };
        var bytes = ManifestWriter.Write(manifest);
        return new ImageContent { Digest = Hash(bytes), ManifestBytes = bytes, Manifest = manifest, ConfigBytes = config, Config = ImageConfigReader.Read(config, failure, DocumentLimits.Stored) };
    }

    /// <summary>Docker's layers in the words of OCI: one manifest does not mix both.</summary>
    private static Descriptor OfOci(Descriptor layer) => layer.MediaType == MediaTypes.DockerLayerGzip ? layer with { MediaType = MediaTypes.OciLayerGzip } : layer;

    private static Digest Hash(byte[] bytes) => Digest.OfSha256(SHA256.HashData(bytes));

    private static ContainerRecord? Find(Fd root, string name) => ContainerNames.IsValid(name) && ContainerCatalog.Read(root, name) is { } entry ? entry.Record : null;
}
