using Orca.Core.Images;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>How a file is compressed, by its first bytes.</summary>
internal static class Compression
{
    /// <summary>The media type of a layer that begins so.</summary>
    internal static string TypeOf(ReadOnlySpan<byte> start) => start switch
    {
        [0x1f, 0x8b, ..] => MediaTypes.OciLayerGzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => MediaTypes.OciLayerZstd,
        _ => MediaTypes.OciLayer,
    };

    /// <summary>What to type to undo a compression that orca does not know; null when there is no usual program.</summary>
    internal static string? ProgramOf(string format) => format switch
    {
        "xz" or "lzma" => "xz",
        "bzip2" => "bzip2",
        "lz4" => "lz4",
        "lzip" => "lzip",
        _ => null,
    };

    /// <inheritdoc cref="LayerDecompressor.UnsupportedFormat"/>
    internal static string? Unsupported(ReadOnlySpan<byte> start) => LayerDecompressor.UnsupportedFormat(start);
}
