using System.Security.Cryptography;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Layers;

namespace Orca.Tests.Registry.Layers;

/// <summary>The product's whole chain over bytes in memory.</summary>
internal static class LayerChain
{
    /// <summary>Opens compressed bytes; <paramref name="uncompressed"/> gives the diff id.</summary>
    internal static Stream Open(byte[] compressed, byte[] uncompressed, string mediaType = MediaTypes.OciLayerGzip) =>
        LayerStream.Open(new MemoryStream(compressed), Describe(compressed, mediaType), Digest.OfSha256(SHA256.HashData(uncompressed)), 1, ratio: null, CancellationToken.None);

    internal static Descriptor Describe(byte[] blob, string mediaType = MediaTypes.OciLayerGzip) => new()
    {
        MediaType = mediaType,
        Digest = Digest.OfSha256(SHA256.HashData(blob)),
        Size = blob.Length,
    };

    /// <summary>All bytes that come out of the decompressor.</summary>
    internal static byte[] Decompress(Stream compressed)
    {
        using var stream = LayerDecompressor.Open(compressed, "layer x");
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    internal static byte[] Decompress(byte[] compressed) => Decompress(new MemoryStream(compressed));
}
