using System.Net;
using System.Net.Sockets;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Which addresses a registry may name to make orca talk to them: pure rules, so that a hostile registry cannot reach into the user's network.</summary>
/// <remarks>Source: the rules of go-containerregistry of 2026 against server-side request forgery; RFC 6890 for the ranges.</remarks>
internal static class AddressRules
{
    private static readonly IPNetwork[] LinkLocal = [.. Networks(
        "169.254.0.0/16", "fe80::/10",
        "fd00:ec2::254/128", "100.100.100.200/32")]; // where clouds serve credentials outside the link-local range

    private static readonly IPNetwork[] Private = [.. Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
        "::/127", "fc00::/7", "fec0::/10", "ff00::/8"), .. LinkLocal];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>The address that a host name spells, in any notation a resolver takes (<c>2130706433</c>, <c>0x7f.1</c>, <c>[::1]</c>); null for a name.</summary>
    internal static IPAddress? Literal(string host)
    {
        var text = host.TrimEnd('.');
        text = text is ['[', .. var inner, ']'] ? inner : text;
        return IPAddress.TryParse(text, out var address) ? Plain(address) : null;
    }

    /// <summary>True for localhost by name and for 127.0.0.0/8 and ::1.</summary>
    internal static bool IsLoopback(string host) => IsLocalName(host) || (Literal(host) is { } address && IPAddress.IsLoopback(address));

    /// <summary>True for the one loopback host that has several names: localhost, 127.0.0.1, ::1.</summary>
    internal static bool IsLocalhost(string host) =>
        IsLocalName(host) || (Literal(host) is { } address && (address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback)));

    /// <summary>True for localhost and for an address literal that is loopback, private, link-local, multicast or unspecified.</summary>
    internal static bool IsPrivate(string host) => IsLocalName(host) || (Literal(host) is { } address && Private.Any(network => network.Contains(address)));

    /// <summary>True for an address literal that only this link or this machine's cloud answers.</summary>
    internal static bool IsLinkLocal(string host) => Literal(host) is { } address && IsLinkLocal(address);

    /// <inheritdoc cref="IsLinkLocal(string)"/>
    internal static bool IsLinkLocal(IPAddress address) => Plain(address) is var plain && LinkLocal.Any(network => network.Contains(plain));

    private static bool IsLocalName(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>An IPv4 address that an IPv6 address wraps, without its wrapping.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        address.ScopeId = 0;
        return Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(12)) : address;
    }

    private static IEnumerable<IPNetwork> Networks(params string[] texts) => texts.Select(IPNetwork.Parse);
}
