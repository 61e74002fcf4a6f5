using System.Buffers;

namespace Orca.Core.References;

/// <summary>The character sets of names.</summary>
internal static class Characters
{
    internal static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
    internal static readonly SearchValues<char> LowerAlphanumeric = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    internal static readonly SearchValues<char> IPv6 = SearchValues.Create("0123456789abcdefABCDEF:");
    internal static readonly SearchValues<char> Platform = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");
}
