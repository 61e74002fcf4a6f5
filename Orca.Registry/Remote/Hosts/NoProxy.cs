using System.Globalization;
using System.Net;

namespace Orca.Registry.Remote.Hosts;

/// <summary>The list of hosts that are reached without a proxy.</summary>
/// <param name="list">As in <c>NO_PROXY</c>: entries with commas between them.</param>
internal sealed class NoProxy(string list)
{
    private readonly string[] _entries = list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>True when the list has the host.</summary>
    internal bool Contains(Uri uri) => Array.Exists(_entries, entry => Covers(entry, uri));

    private static bool Covers(string entry, Uri uri)
    {
        if (entry == "*")
        {
            return true;
        }

        var address = AddressRules.Literal(uri.IdnHost);
        if (entry.Contains('/', StringComparison.Ordinal))
        {
            return address is not null && IPNetwork.TryParse(entry, out var network) && network.Contains(address);
        }

        var (host, port) = SplitPort(entry);
        return (port is null || port == uri.Port)
            && (AddressRules.Literal(host) is { } literal ? literal.Equals(address) : address is null && CoversName(host, uri.IdnHost.TrimEnd('.')));
    }

    private static bool CoversName(string domain, string host)
    {
        var name = domain.StartsWith("*.", StringComparison.Ordinal) ? domain[1..] : domain;
        return name.StartsWith('.') ? host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + name, StringComparison.OrdinalIgnoreCase);
    }

    private static (string Host, int? Port) SplitPort(string entry)
    {
        var colon = entry.LastIndexOf(':');
        return colon > 0 && (entry.IndexOf(':', StringComparison.Ordinal) == colon || entry[colon - 1] == ']')
            && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (entry[..colon], port)
            : (entry, null);
    }
}
