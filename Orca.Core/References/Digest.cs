using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Orca.Core.Errors;

namespace Orca.Core.References;

/// <summary>The identity of a byte string: an algorithm and its lower-case hexadecimal value.</summary>
/// <remarks>
/// Source: OCI image-spec, descriptor.md, "Digests". Only <c>sha256</c> and <c>sha512</c> exist here, and only in canonical form, so a digest
/// can become part of a path or URL without further checks (CVE-2024-3727). The default value is not a digest; it reads as an empty string.
/// </remarks>
public readonly record struct Digest
{
    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm => Text[..Text.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>64 or 128 lower-case hexadecimal digits.</summary>
    public string Hex => Text[(Text.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>The first twelve hexadecimal digits, as people see them.</summary>
    public string Abbreviated => Hex[..12];

    private string Text => _text ?? throw new InvalidOperationException("the default digest has no value");

    /// <summary>Gets the algorithm, for whoever hashes piece by piece; <see cref="OfHash"/> takes the outcome.</summary>
    public HashAlgorithmName HashAlgorithm => Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;

    /// <summary>Returns the digest of a content, by the algorithm of this one.</summary>
    public Digest OfContent(ReadOnlySpan<byte> content) => Algorithm == "sha512" ? OfSha512(SHA512.HashData(content)) : OfSha256(SHA256.HashData(content));

    /// <summary>Wraps the bytes of a hash of either algorithm; their number tells which.</summary>
    public static Digest OfHash(ReadOnlySpan<byte> hash) => hash.Length == 64 ? OfSha512(hash) : OfSha256(hash);

    /// <summary>Wraps the 32 bytes of a SHA-256 hash.</summary>
    public static Digest OfSha256(ReadOnlySpan<byte> hash) =>
        hash.Length == 32 ? new Digest("sha256:" + Convert.ToHexStringLower(hash)) : throw new ArgumentException("a SHA-256 hash has 32 bytes", nameof(hash));

    /// <summary>Wraps the 64 bytes of a SHA-512 hash.</summary>
    public static Digest OfSha512(ReadOnlySpan<byte> hash) =>
        hash.Length == 64 ? new Digest("sha512:" + Convert.ToHexStringLower(hash)) : throw new ArgumentException("a SHA-512 hash has 64 bytes", nameof(hash));

    /// <summary>Reads <c>sha256:HEX</c> or <c>sha512:HEX</c>; false when the text is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        var length = text switch
        {
            null => -1,
            _ when text.StartsWith("sha256:", StringComparison.Ordinal) => 7 + 64,
            _ when text.StartsWith("sha512:", StringComparison.Ordinal) => 7 + 128,
            _ => -1,
        };
        if (text is null || text.Length != length || text.AsSpan(7).ContainsAnyExcept(Characters.LowerHex))
        {
            return false;
        }

        digest = new Digest(text);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="ReferenceException">The text is not a digest of a supported algorithm in canonical form.</exception>
    public static Digest Parse(string text) => TryParse(text, out var digest)
        ? digest
        : throw new ReferenceException($"cannot use digest '{Quoted.Text(text)}': it is not 'sha256:' and 64, or 'sha512:' and 128, lower-case hexadecimal digits");

    /// <summary>The canonical text.</summary>
    public override string ToString() => _text ?? string.Empty;
}
