using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Archives;
using Orca.Registry.Manifests;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Store;

namespace Orca.Registry.Pushing;

/// <inheritdoc cref="IImagePusher"/>
internal sealed class ImagePusher(StoreRoot store, SessionCatalog sessions, Lazy<RegistriesPolicy> policy, bool? verifies) : IImagePusher
{
    private readonly StagingArea _staging = new(store);

    /// <inheritdoc/>
    public async Task<Digest> PushAsync(StoredImage image, ImageReference target, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var failure = $"cannot push '{target.Familiar}'";
        if (target.Digest is not null)
        {
            throw new ReferenceException($"{failure}: a name with a digest means the image of that digest", "leave out what begins with the '@'");
        }

        var place = policy.Value.Places(target, failure)[^1]; // mirrors only give
        var session = sessions.Get(place.Reference, verifies is null ? place.IsInsecure : verifies == false);
        var (config, manifest) = PushedDocuments.Read(store, image, failure, cancellationToken);
        var layers = ManifestReader.Read(manifest, failure: failure, limits: DocumentLimits.Stored).Image?.Layers ?? [];
        if (!await HasAllAsync(session, image, place.Reference, layers, failure, cancellationToken).ConfigureAwait(false))
        {
            (config, manifest) = await PushFlatAsync(session, image, progress, failure, cancellationToken).ConfigureAwait(false);
        }

        await PushConfigAsync(session, config, failure, cancellationToken).ConfigureAwait(false);
        return await PushManifestAsync(session, manifest, place.Reference, failure, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the repository has all layers that the image came with, or takes them from a repository of the same registry that the image has a name in.</summary>
    private static async Task<bool> HasAllAsync(RegistrySession session, StoredImage image, ImageReference target, IReadOnlyList<Descriptor> layers, string failure, CancellationToken cancellationToken)
    {
        string[] others = [.. image.References.Where(name => name.Registry == target.Registry && name.Repository != target.Repository).Select(static name => name.Repository).Distinct()];
        foreach (var layer in layers.DistinctBy(static layer => layer.Digest))
        {
            var isThere = await BlobUpload.IsThereAsync(session, layer, failure, cancellationToken).ConfigureAwait(false);
            for (var i = 0; !isThere && i < others.Length; i++)
            {
                isThere = await new BlobUpload(session, layer, static (_, _) => [], failure).TryMountAsync(others[i], cancellationToken).ConfigureAwait(false);
            }

            if (!isThere)
            {
                return false;
            }
        }

        return layers.Count > 0;
    }

    private async Task<(byte[] Config, byte[] Manifest)> PushFlatAsync(RegistrySession session, StoredImage image, IProgress<PullProgress>? progress, string failure, CancellationToken cancellationToken)
    {
        using var flat = FlatImage.Open(store, image, cancellationToken);
        using var spool = new Spool(_staging, failure, long.MaxValue);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await Task.Run(() =>
        {
            using var layer = flat.OpenLayer();
            BlockGzip.Compress(
                layer,
                bytes =>
                {
                    hash.AppendData(bytes.Span);
                    spool.Append(bytes.Span);
                },
                cancellationToken);
        }, cancellationToken).ConfigureAwait(false);
        var blob = new Descriptor { MediaType = MediaTypes.OciLayerGzip, Digest = Digest.OfSha256(hash.GetHashAndReset()), Size = spool.Length };
        if (!await BlobUpload.IsThereAsync(session, blob, failure, cancellationToken).ConfigureAwait(false))
        {
            var file = spool.File;
            await new BlobUpload(session, blob, (offset, count) => PushedDocuments.Read(file, offset, count), failure)
                .RunAsync(sent => progress?.Report(new PullProgress(blob.Digest, 0, 1, PullStage.Fetching, sent, blob.Size)), cancellationToken).ConfigureAwait(false);
        }

        progress?.Report(new PullProgress(blob.Digest, 0, 1, PullStage.Done, blob.Size, blob.Size));
        var config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = flat.ConfigDigest, Size = flat.Config.Length };
        return (flat.Config, ManifestWriter.Write(new ImageManifest { Config = config, Layers = [blob] }));
    }

    private static async Task PushConfigAsync(RegistrySession session, byte[] config, string failure, CancellationToken cancellationToken)
    {
        var blob = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Digest.OfSha256(SHA256.HashData(config)), Size = config.Length };
        if (!await BlobUpload.IsThereAsync(session, blob, failure, cancellationToken).ConfigureAwait(false))
        {
            await new BlobUpload(session, blob, (offset, count) => config.AsSpan((int)offset, count).ToArray(), failure).RunAsync(static _ => { }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<Digest> PushManifestAsync(RegistrySession session, byte[] manifest, ImageReference target, string failure, CancellationToken cancellationToken)
    {
        var digest = Digest.OfSha256(SHA256.HashData(manifest));
        var type = PushedDocuments.TypeOf(manifest);
        using var answer = await BlobUpload.SendAsync(
            session, HttpMethod.Put, $"manifests/{target.Selector}", null,
            () => new ByteArrayContent(manifest) { Headers = { ContentType = new MediaTypeHeaderValue(type) } },
            false, failure, session.NewBudget(), cancellationToken).ConfigureAwait(false);
        if (answer.Response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Accepted))
        {
            throw await session.ErrorAsync(answer, failure, cancellationToken).ConfigureAwait(false);
        }

        BlobUpload.RequireDigest(answer, digest, failure);
        return digest;
    }
}
