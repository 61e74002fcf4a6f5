using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Layers;

/// <summary>Puts the stations of a layer's way together: verify, inflate, read ahead, verify again.</summary>
internal static class LayerStream
{
    private static readonly string[] s_compressed = ["gzip", "zstd", "xz", "bzip2", "lzip", "compress"];

    /// <summary>The uncompressed archive of one layer. Its end is reached only when both digests and the size are right.</summary>
    /// <remarks>
    /// Hashing what comes in and inflating run on a thread of their own, hashing what comes out on the reader's: that balances two cores.
    /// The result owns <paramref name="compressed"/>.
    /// </remarks>
    /// <param name="compressed">The layer's bytes from their first one.</param>
    /// <param name="layer">What they must be.</param>
    /// <param name="diffId">What they must be when inflated.</param>
    /// <param name="number">The layer's place in the image, from 1; for messages.</param>
    /// <param name="ratio">How many times larger they may become; null for what holds when nobody says anything.</param>
    /// <param name="cancellationToken">Ends reads.</param>
    /// <exception cref="ContentException">The format is not supported; thrown by reads: the bytes are not the promised ones.</exception>
    internal static Stream Open(Stream compressed, Descriptor layer, Digest diffId, int number, int? ratio, CancellationToken cancellationToken)
    {
        var name = $"layer {layer.Digest}";
        if (layer.Size == 0 && Array.Exists(s_compressed, suffix => layer.MediaType.EndsWith(suffix, StringComparison.Ordinal)))
        {
            compressed.Dispose();
            throw new ContentException($"cannot decompress {name}: it is empty, which no '{Quoted.Text(layer.MediaType)}' is");
        }

        var inflated = LayerDecompressor.Open(new VerifyingStream(compressed, layer.Digest, layer.Size, name), name, ratio);
        return new VerifyingStream(new ReadAheadStream(inflated, compressed, cancellationToken), diffId, size: null, $"diff_id of layer {number}");
    }
}
