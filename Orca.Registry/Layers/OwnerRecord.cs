using System.Globalization;

namespace Orca.Registry.Layers;

/// <summary>What the image says about an entry and the disk cannot: type and true mode as in st_mode, owner, device number, file capabilities.</summary>
internal readonly record struct OwnerRecord(uint Mode, uint Uid, uint Gid, uint Major = 0, uint Minor = 0)
{
    /// <summary>The value of <c>security.capability</c>; empty for nearly all.</summary>
    internal ReadOnlyMemory<byte> Capabilities { get; init; }

    /// <summary>True for a character or block device, of which nothing is on disk.</summary>
    internal bool IsDevice => (Mode & 0xF000) is 0x2000 or 0x6000;

    /// <summary>The fourth field of a record in the side table: <see cref="OwnerTable"/> has the format.</summary>
    internal string Special => IsDevice ? string.Create(CultureInfo.InvariantCulture, $"{Major}:{Minor}") : Capabilities.IsEmpty ? "-" : "=" + Convert.ToHexStringLower(Capabilities.Span);

    /// <summary>Reads the fourth field; null when it is malformed.</summary>
    internal OwnerRecord? WithSpecial(string text)
    {
        if (text == "-")
        {
            return this;
        }

        if (text.StartsWith('='))
        {
            var value = new byte[text.Length / 2];
            return Convert.FromHexString(text.AsSpan(1), value, out _, out var written) == System.Buffers.OperationStatus.Done && FileCapabilities.AreValid(value.AsSpan(0, written))
                ? this with { Capabilities = value.AsMemory(0, written) } : null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && uint.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && uint.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? this with { Major = major, Minor = minor } : null;
    }
}
