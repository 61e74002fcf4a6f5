using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Remote;

/// <summary>From a reference to one image's manifest and config: through indexes, every step verified against the digest that led to it.</summary>
internal sealed class ImageResolver(RegistrySession session, ImageReference reference, Platform platform, string failure, TimeProvider time, DocumentLimits limits)
{
    private const int MaxDepth = 4;

    private const string Accept =
        $"{MediaTypes.OciIndex}, {MediaTypes.OciManifest}, {MediaTypes.DockerList}, {MediaTypes.DockerManifest}";

    /// <summary>Finds the image.</summary>
    internal async Task<ImageContent> ResolveAsync(CancellationToken cancellationToken)
    {
        var expected = reference.Digest;
        long? size = null;
        IReadOnlyList<Descriptor>? index = null;
        for (var depth = 0; depth <= MaxDepth; depth++)
        {
            var selector = expected?.ToString() ?? reference.Selector;
            byte[] bytes;
            string? contentType;
            try
            {
                (bytes, contentType) = await FetchManifestAsync(selector, size, cancellationToken).ConfigureAwait(false);
            }
            catch (RegistryException e) when (e.IsAbsence && index is not null)
            {
                throw new RegistryException($"{failure}: the image for {platform} is only listed: the registry does not have its manifest '{expected}'; the index lists {PlatformChooser.Platforms(index)}") { IsAbsence = true };
            }

            var digest = Verify(bytes, expected, size, "manifest");
            var document = ManifestReader.Read(bytes, contentType, failure, limits);
            if (document.Image is { } manifest)
            {
                return await WithConfigAsync(digest, bytes, manifest, cancellationToken).ConfigureAwait(false);
            }

            var chosen = PlatformChooser.Choose(document.Index!, platform, PlatformChooser.Others(platform))
                ?? throw new ContentException($"{failure}: {PlatformChooser.Missing(document.Index!, platform)}");
            (expected, size, index) = (chosen.Digest, chosen.Size, document.Index!);
        }

        throw new ContentException($"{failure}: its index leads through more than {MaxDepth} other indexes");
    }

    private async Task<ImageContent> WithConfigAsync(Digest digest, byte[] bytes, ImageManifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.Config.Size > limits.Bytes)
        {
            throw new ContentException($"{failure}: the image config is {limits.TooLarge}", DocumentLimits.Hint);
        }

        var configBytes = new byte[manifest.Config.Size];
        var blob = await BlobStream.OpenAsync(session, manifest.Config, 0, failure, time, cancellationToken).ConfigureAwait(false);
        await using (blob.ConfigureAwait(false))
        {
            await blob.ReadExactlyAsync(configBytes, cancellationToken).ConfigureAwait(false);
        }

        Verify(configBytes, manifest.Config.Digest, manifest.Config.Size, "image config");
        var config = ImageConfigReader.Read(configBytes, failure, limits);
        if (!PlatformChooser.Runs(platform, config.Platform))
        {
            throw new ContentException($"{failure}: the image is for {Quoted.Text(config.Platform.ToString())}, not for {platform}");
        }

        return config.DiffIds.Count == manifest.Layers.Count
            ? new ImageContent { Digest = digest, ManifestBytes = bytes, Manifest = manifest, ConfigBytes = configBytes, Config = config }
            : throw new ContentException($"{failure}: the manifest has {manifest.Layers.Count} layers, the image config {config.DiffIds.Count}");
    }

    private async Task<(byte[] Bytes, string? ContentType)> FetchManifestAsync(string selector, long? size, CancellationToken cancellationToken)
    {
        if (size > limits.Bytes)
        {
            throw new ContentException($"{failure}: the manifest is {limits.TooLarge}", DocumentLimits.Hint);
        }

        var budget = session.NewBudget();
        while (true)
        {
            using var answer = await session.GetAsync($"manifests/{selector}", Accept, 0, failure, budget, cancellationToken).ConfigureAwait(false);
            try
            {
                var bytes = await BodyReader.ReadAsync(answer, limits.Bytes, time, cancellationToken).ConfigureAwait(false);
                var contentType = answer.Header("Content-Type")?.Split(';')[0].Trim().ToLowerInvariant();
                var place = $"{failure}: {RegistryErrors.Get(answer.Uri)}";
                if (bytes.Length <= limits.Bytes)
                {
                    bytes = ManifestBody.Decode(bytes, answer.Header("Content-Encoding"), limits.Bytes, place);
                    ManifestBody.Require(bytes, contentType, place);
                }

                return (bytes, contentType);
            }
            catch (TransferException e)
            {
                if (e.Fault == TransferFault.Final || !await budget.WaitAsync(RegistryErrors.Get(answer.Uri), e.Message, null, cancellationToken).ConfigureAwait(false))
                {
                    throw e.ToError(failure, answer.Uri);
                }
            }
        }
    }

    /// <summary>The digest of the bytes: the expected one, or that of SHA-256 when a tag led here. What headers claim is no identity.</summary>
    private Digest Verify(byte[] bytes, Digest? expected, long? size, string what)
    {
        if (size is not null && bytes.Length != size)
        {
            throw new ContentException($"{failure}: the {what} has {bytes.Length} bytes instead of {size} ('{expected}')");
        }

        var actual = expected?.OfContent(bytes) ?? Digest.OfSha256(SHA256.HashData(bytes));
        return expected is null || actual == expected
            ? actual
            : throw new ContentException($"{failure}: the {what} does not match its digest: it is '{actual}' instead of '{expected}'");
    }
}
