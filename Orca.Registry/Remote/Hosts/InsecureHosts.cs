using System.Collections.Concurrent;

namespace Orca.Registry.Remote.Hosts;

/// <summary>The hosts whose identity the user does not want checked: plain http is spoken to them, and any certificate of theirs is taken.</summary>
/// <param name="all">True for every host: <c>--tls-verify=false</c>.</param>
internal sealed class InsecureHosts(bool all = false)
{
    private readonly ConcurrentDictionary<(string Host, int Port), bool> _hosts = new();

    /// <summary>None: everybody is checked.</summary>
    internal static InsecureHosts None => new();

    /// <summary>Adds a registry's host; without a port that of https and that of http.</summary>
    internal void Add(string authority)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["https", "http"])
        {
            var uri = new Uri($"{scheme}://{authority}/");
            _hosts.TryAdd((uri.IdnHost.ToLowerInvariant(), uri.Port), true);
        }
    }

    /// <summary>True when the user gave up the check of this host.</summary>
    internal bool Contains(Uri uri) => all || _hosts.ContainsKey((uri.IdnHost.ToLowerInvariant(), uri.Port));

    /// <summary>True when plain http may be spoken there.</summary>
    internal bool MaySpeakHttp(Uri uri) => AddressRules.IsLoopback(uri.IdnHost) || Contains(uri);
}
