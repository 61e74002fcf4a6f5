using Orca.Core.Images;
using Orca.Registry.Layers.Compression;

namespace Orca.Registry.Archives;

/// <summary>How a file is compressed, by its first bytes, in the words of layers.</summary>
internal static class Compression
{
    /// <summary>Returns the media type of a layer that begins so. The specification has gzip and zstd; the others are named the same way.</summary>
    internal static string TypeOf(ReadOnlySpan<byte> start) => CompressionSniffer.Sniff(start) switch
    {
        CompressionFormat.Gzip => MediaTypes.OciLayerGzip,
        CompressionFormat.Zstd => MediaTypes.OciLayerZstd,
        CompressionFormat.Xz => MediaTypes.OciLayer + "+xz",
        CompressionFormat.Bzip2 => MediaTypes.OciLayer + "+bzip2",
        CompressionFormat.Lzip => MediaTypes.OciLayer + "+lzip",
        CompressionFormat.Lzw => MediaTypes.OciLayer + "+compress",
        _ => MediaTypes.OciLayer,
    };

    /// <summary>Returns the name of a format that is recognised but not supported, which is the name of its program, too; null for all others.</summary>
    internal static string? Unsupported(ReadOnlySpan<byte> start) => CompressionSniffer.NameOfUnsupported(CompressionSniffer.Sniff(start));
}
