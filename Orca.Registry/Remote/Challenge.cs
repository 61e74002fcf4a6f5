namespace Orca.Registry.Remote;

/// <summary>One way in that a 401 answer offers: a scheme and its parameters.</summary>
/// <remarks>
/// Source: RFC 9110, section 11.6.1. Written by hand, one pass without going back, because the header is hostile input. Schemes and parameter names
/// ignore case; of equal parameters the first counts; a header that breaks the grammar gives the challenges before the break.
/// </remarks>
internal sealed class Challenge
{
    private const int MaxLength = 16 * 1024;
    private const int MaxChallenges = 16;

    private readonly Dictionary<string, string> _parameters = new(StringComparer.OrdinalIgnoreCase);

    private Challenge(string scheme) => Scheme = scheme;

    /// <summary>The scheme as it came.</summary>
    internal string Scheme { get; }

    internal bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    internal bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    /// <summary>The parameter's value; null when it is not there.</summary>
    internal string? this[string name] => _parameters.GetValueOrDefault(name);

    /// <summary>Scheme and parameters, in the order they came.</summary>
    public override string ToString() => (Scheme + " " + string.Join('|', _parameters.Select(one => $"{one.Key}={one.Value}"))).TrimEnd();

    /// <summary>Reads all <c>WWW-Authenticate</c> headers of an answer.</summary>
    internal static IReadOnlyList<Challenge> ParseAll(IEnumerable<string> headers)
    {
        var challenges = new List<Challenge>();
        foreach (var header in headers)
        {
            if (header.Length <= MaxLength)
            {
                Parse(header, challenges);
            }
        }

        return challenges;
    }

    private static void Parse(ReadOnlySpan<char> rest, List<Challenge> challenges)
    {
        Challenge? current = null;
        while (challenges.Count < MaxChallenges)
        {
            rest = rest.TrimStart(" \t,");
            var word = Token(ref rest);
            if (word.IsEmpty)
            {
                return;
            }

            // "name = value" belongs to the current challenge; a word with anything else behind it starts a new one.
            var behind = rest.TrimStart(" \t");
            if (current is not null && behind is ['=', ..])
            {
                rest = behind[1..].TrimStart(" \t");
                if (!Value(ref rest, out var value))
                {
                    return;
                }

                current._parameters.TryAdd(word.ToString(), value);
                continue;
            }

            if (behind is ['=', ..])
            {
                return;
            }

            current = new Challenge(word.ToString());
            challenges.Add(current);
            rest = SkipToken68(behind);
        }
    }

    /// <summary>Leaves out the one opaque value that schemes such as Negotiate have instead of parameters.</summary>
    private static ReadOnlySpan<char> SkipToken68(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '-' or '.' or '_' or '~' or '+' or '/'))
        {
            length++;
        }

        var end = length;
        while (end < text.Length && text[end] == '=')
        {
            end++;
        }

        return length > 0 && text[end..].TrimStart(" \t") is [] or [',', ..] ? text[end..] : text;
    }

    private static ReadOnlySpan<char> Token(ref ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || "!#$%&'*+-.^_`|~".Contains(text[length], StringComparison.Ordinal)))
        {
            length++;
        }

        var token = text[..length];
        text = text[length..];
        return token;
    }

    /// <summary>A quoted string, or everything to the next comma or space: more than a token may hold, as servers leave the quotes out of addresses.</summary>
    private static bool Value(ref ReadOnlySpan<char> text, out string value)
    {
        if (text is not ['"', ..])
        {
            var end = text.IndexOfAny(" \t,\"");
            value = (end < 0 ? text : text[..end]).ToString();
            text = end < 0 ? [] : text[end..];
            return value.Length > 0;
        }

        var content = new System.Text.StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                value = content.ToString();
                text = text[(i + 1)..];
                return true;
            }

            i += text[i] == '\\' && i + 1 < text.Length ? 1 : 0;
            content.Append(text[i]);
        }

        value = string.Empty;
        return false;
    }
}
