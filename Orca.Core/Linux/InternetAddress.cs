namespace Orca.Core.Linux;

/// <summary>Internet addresses as text.</summary>
public static unsafe class InternetAddress
{
    private const int Family4 = 2, Family6 = 10; // AF_INET, AF_INET6

    /// <summary>True for an IPv4 address of four numbers or an IPv6 address, one with a zone (<c>fe80::1%eth0</c>) included (inet_pton(3)).</summary>
    public static bool IsValid(string text)
    {
        var zone = text.IndexOf('%', StringComparison.Ordinal);
        var zoneIsOdd = zone >= 0 && (zone == text.Length - 1 || text.AsSpan(zone).ContainsAny(" \t\n\r#"));
        if (zoneIsOdd || text.Length > 64 || text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        var address = stackalloc byte[16];
        fixed (byte* p = PathZ.From(NativeText.Encode(zone < 0 ? text : text[..zone])).Terminated)
        {
            return Native.inet_pton(Family6, p, address) == 1 || (zone < 0 && Native.inet_pton(Family4, p, address) == 1);
        }
    }
}
