using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Registry.Archives;
using Orca.Registry.Manifests;
using Orca.Registry.Store;

namespace Orca.Registry.Pushing;

/// <summary>What a push reads of the store.</summary>
internal static class PushedDocuments
{
    /// <summary>The config and the manifest of a stored image, as they came.</summary>
    internal static (byte[] Config, byte[] Manifest) Read(StoreRoot store, StoredImage image, string failure, CancellationToken cancellationToken)
    {
        var (root, held) = FlatImage.Hold(store, image, cancellationToken);
        try
        {
            var path = StorePaths.Image(image.Digest);
            return StoreDirectory.TryRead(root, $"{path}/{ImageReader.ConfigName}", DocumentLimits.Stored.Bytes) is { } config
                && StoreDirectory.TryRead(root, $"{path}/{ImageBuilder.ManifestName}", DocumentLimits.Stored.Bytes) is { } manifest
                ? (config, manifest) : throw new StoreException($"{failure}: the image {image.Digest.Abbreviated} was removed meanwhile");
        }
        finally
        {
            FlatImage.Release(root, held);
        }
    }

    /// <summary>The media type that a manifest says of itself.</summary>
    internal static string TypeOf(byte[] manifest)
    {
        using var document = JsonDocument.Parse(manifest);
        return document.RootElement.TryGetProperty("mediaType"u8, out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == MediaTypes.DockerManifest
            ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
    }

    /// <summary>A piece of the file of a layer.</summary>
    internal static byte[] Read(Fd file, long offset, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            read += FileSystem.ReadAt(file, bytes.AsSpan(read), offset + read) is > 0 and var more ? more : throw new StoreException("cannot read the layer to push: its file is cut");
        }

        return bytes;
    }
}
