using Orca.Core.Errors;

namespace Orca.Registry.Layers;

/// <summary>Finds out how a layer is compressed, by its bytes, and undoes it.</summary>
/// <remarks>Media types lie in real registries, so they are not asked; the diff id decides whether the outcome is right.</remarks>
internal static class LayerDecompressor
{
    private const int LongestMagic = 10;

    /// <summary>The uncompressed bytes. Reading to the end reads <paramref name="compressed"/> to its end, which the result owns.</summary>
    /// <param name="compressed">The layer as it came.</param>
    /// <param name="name">How messages call it, such as <c>layer sha256:...</c>.</param>
    /// <exception cref="ContentException">The format is not supported; thrown by reads: the compressed bytes are malformed or truncated.</exception>
    internal static Stream Open(Stream compressed, string name)
    {
        var input = new InputWindow(compressed);
        try
        {
            var start = input.Peek(LongestMagic);
            return start switch
            {
                [0x1f, 0x8b, ..] => new GzipDecoder(input, name),
                [0x28, 0xb5, 0x2f, 0xfd, ..] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => new ZstdDecoder(input, name),
                _ when UnsupportedFormat(start) is { } format =>
                    throw new ContentException($"cannot decompress {name}: {format} is not supported; layers are gzip, zstd or plain tar"),
                _ => new PlainDecoder(input),
            };
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    private static string? UnsupportedFormat(ReadOnlySpan<byte> start) => start switch
    {
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "xz",
        // "BZh" and a digit could start a file name in a plain archive; the block or end mark behind it cannot.
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] => "bzip2",
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90] => "bzip2",
        [0x04, 0x22, 0x4d, 0x18, ..] or [0x02, 0x21, 0x4c, 0x18, ..] => "lz4",
        [0x1f, 0x9d, ..] => "compress (.Z)",
        [(byte)'L', (byte)'Z', (byte)'I', (byte)'P', 1, ..] => "lzip",
        [0x5d, 0, 0, _, _, 0xff, 0xff, ..] => "lzma",
        _ => null,
    };
}
