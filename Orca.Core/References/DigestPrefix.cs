using System.Diagnostics.CodeAnalysis;

namespace Orca.Core.References;

/// <summary>The beginning of a digest, as people copy it from a list: hexadecimal digits, with or without the algorithm before them.</summary>
public readonly record struct DigestPrefix
{
    private readonly string? _algorithm;
    private readonly string? _digits;

    private DigestPrefix(string? algorithm, string digits) => (_algorithm, _digits) = (algorithm, digits);

    /// <summary>Reads <c>92f444235dd9</c>, <c>sha256:92f4</c> or a whole digest; false when the text is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DigestPrefix prefix)
    {
        prefix = default;
        if (text is null)
        {
            return false;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (algorithm, digits) = colon < 0 ? (null, text) : (text[..colon], text[(colon + 1)..]);
        if (digits.Length is 0 or > 128 || digits.AsSpan().ContainsAnyExcept(Characters.LowerHex) || algorithm is not (null or "sha256" or "sha512"))
        {
            return false;
        }

        prefix = new DigestPrefix(algorithm, digits);
        return true;
    }

    /// <summary>True when the digest begins so. The default value begins none.</summary>
    public bool Matches(Digest digest) =>
        _digits is not null && (_algorithm is null || _algorithm == digest.Algorithm) && digest.Hex.StartsWith(_digits, StringComparison.Ordinal);

    /// <summary>The text it was read from.</summary>
    public override string ToString() => _algorithm is null ? _digits ?? string.Empty : $"{_algorithm}:{_digits}";
}
