using System.IO.Compression;
using Orca.Core.Errors;
using Orca.Registry.Manifests;

namespace Orca.Registry.Remote;

/// <summary>The document in the answer to a question for a manifest.</summary>
/// <remarks>
/// Not only registries answer with 200: sign-in pages of networks, proxies and web sites do, too. What is no document at all is refused with the address and the type that came,
/// before a digest is compared: it is not a damaged image.
/// </remarks>
internal static class ManifestBody
{
    private const string AskABrowser = "open that address in a browser: a network or proxy that wants a sign-in shows its page there; else check the registry's name";

    /// <summary>Undoes the compression that a proxy put on the answer (RFC 9110, 8.4): digests are of the document as it was stored.</summary>
    /// <returns>At most one byte more than <paramref name="limit"/>.</returns>
    /// <exception cref="ContentException">It is compressed in a way that was not asked for and is not known, or damaged.</exception>
    internal static byte[] Decode(byte[] body, string? encoding, int limit, string place)
    {
        if (string.IsNullOrWhiteSpace(encoding) || encoding.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return body;
        }

        if (encoding.Trim().ToLowerInvariant() is not ("gzip" or "x-gzip"))
        {
            throw new ContentException($"{place}: the answer is compressed with '{Quoted.Text(encoding)}', which was not asked for");
        }

        try
        {
            using var inflated = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            var bytes = new byte[limit + 1L];
            return bytes[..inflated.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException e)
        {
            throw new ContentException($"{place}: the answer is not compressed with gzip, as it says", inner: e);
        }
    }

    /// <summary>Refuses what does not begin as a JSON object.</summary>
    /// <param name="body">The document.</param>
    /// <param name="contentType">The media type that the answer claims; null for none.</param>
    /// <param name="place">How the message starts: what failed, and the address.</param>
    /// <exception cref="ContentException">It is a page, compressed, empty, or something else.</exception>
    internal static void Require(ReadOnlySpan<byte> body, string? contentType, string place)
    {
        if (body.TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
        {
            return;
        }

        var what = NotJson.Describe(body) ?? "is not a JSON object";
        throw new ContentException(
            $"{place}: the answer is not a manifest: it {what}{(contentType is { Length: > 0 } ? $" (Content-Type: '{Quoted.Text(contentType)}')" : string.Empty)}",
            NotJson.IsPage(body) ? AskABrowser : null);
    }
}
