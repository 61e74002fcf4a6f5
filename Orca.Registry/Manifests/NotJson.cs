namespace Orca.Registry.Manifests;

/// <summary>Recognises what is found most often where a JSON document should be.</summary>
internal static class NotJson
{
    /// <summary>The end of a sentence about the document; null when it begins as JSON may, or as nothing that is known here.</summary>
    internal static string? Describe(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? "begins with a byte order mark, which JSON must not have (RFC 8259): save it as UTF-8 without one"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? "is UTF-16 (it begins with that byte order mark), and JSON must be UTF-8"
        : CompressionOf(bytes) is { } format ? $"is compressed with {format}"
        : IsPage(bytes) ? "is a page of HTML or XML, not JSON"
        : bytes.Trim(" \t\r\n"u8).IsEmpty ? "is empty"
        : null;

    /// <summary>True for what begins as a page does; JSON has no such beginning.</summary>
    internal static bool IsPage(ReadOnlySpan<byte> bytes) => bytes.TrimStart(" \t\r\n"u8) is [(byte)'<', ..];

    /// <summary>The format whose magic number the bytes begin with; null for none.</summary>
    internal static string? CompressionOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x1F, 0x8B, ..] => "gzip",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "zstd",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => "xz",
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
        _ => null,
    };
}
