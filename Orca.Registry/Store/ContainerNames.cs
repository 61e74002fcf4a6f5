using System.Buffers;

namespace Orca.Registry.Store;

/// <summary>What containers may be called.</summary>
/// <remarks>Docker's grammar, with a limit: a name becomes a directory and a host name.</remarks>
internal static class ContainerNames
{
    internal const string Rule = "a name has 1 to 64 letters, digits, '_', '.' or '-', and starts with a letter or digit";
    private const int MaxLength = 64;
    private const int RandomDigits = 12;
    private const string RandomPrefix = "run-";

    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> s_allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    /// <summary>True when a directory may be called so: no separator, no dot at the start.</summary>
    internal static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(s_allowed);

    /// <summary>True for the form that containers have which go with their run; kept ones cannot be called so.</summary>
    internal static bool IsRandom(string name) =>
        name.Length == RandomPrefix.Length + RandomDigits && name.StartsWith(RandomPrefix, StringComparison.Ordinal)
        && !name.AsSpan(RandomPrefix.Length).ContainsAnyExcept(s_hex);

    internal static string Random() => RandomPrefix + Guid.NewGuid().ToString("N")[..RandomDigits];
}
