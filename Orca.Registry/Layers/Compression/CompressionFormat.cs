namespace Orca.Registry.Layers.Compression;

/// <summary>How bytes are compressed.</summary>
internal enum CompressionFormat
{
    /// <summary>Not at all, or in a way that cannot be recognised.</summary>
    None,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Lzip,

    /// <summary>The format of compress(1), with the suffix .Z.</summary>
    Lzw,

    /// <summary>Recognised, not supported.</summary>
    Lz4,

    /// <summary>Recognised, not supported: the format of lzma(1), which has no checksum.</summary>
    Lzma,
}

/// <summary>Recognises compression formats by their first bytes.</summary>
internal static class CompressionSniffer
{
    /// <summary>How many bytes tell the formats apart.</summary>
    internal const int LongestMagic = 10;

    /// <summary>Returns the format of what begins so.</summary>
    internal static CompressionFormat Sniff(ReadOnlySpan<byte> start) => start switch
    {
        [0x1f, 0x8b, ..] => CompressionFormat.Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => CompressionFormat.Zstd,
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => CompressionFormat.Xz,
        // "BZh" and a digit could start a file name in a plain archive; the block or end mark behind it cannot.
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] => CompressionFormat.Bzip2,
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90] => CompressionFormat.Bzip2,
        [(byte)'L', (byte)'Z', (byte)'I', (byte)'P', 1, ..] => CompressionFormat.Lzip,
        [0x1f, 0x9d, ..] => CompressionFormat.Lzw,
        [0x04, 0x22, 0x4d, 0x18, ..] or [0x02, 0x21, 0x4c, 0x18, ..] => CompressionFormat.Lz4,
        [0x5d, 0, 0, _, _, 0xff, 0xff, ..] => CompressionFormat.Lzma,
        _ => CompressionFormat.None,
    };

    /// <summary>Returns the name of a format that is recognised but not supported; null for all others.</summary>
    internal static string? NameOfUnsupported(CompressionFormat format) => format switch
    {
        CompressionFormat.Lz4 => "lz4",
        CompressionFormat.Lzma => "lzma",
        _ => null,
    };
}
