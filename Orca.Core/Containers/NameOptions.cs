namespace Orca.Core.Containers;

/// <summary>How names are resolved inside, where that is not to be as on the host. Empty lists mean: as the host.</summary>
public sealed record NameOptions
{
    /// <summary>Addresses of name servers.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Domains that a short name is tried in; one '.' means none.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>Options of resolv.conf(5), such as <c>ndots:1</c>.</summary>
    public IReadOnlyList<string> Resolver { get; init; } = [];

    /// <summary>Further names for addresses, in order.</summary>
    public IReadOnlyList<HostEntry> Hosts { get; init; } = [];

    /// <summary>True when resolv.conf is not simply the host's.</summary>
    public bool ChangesResolver => Servers.Count + Search.Count + Resolver.Count > 0;

    /// <summary>These, where <paramref name="later"/> does not say otherwise; hosts add up.</summary>
    public NameOptions OverriddenBy(NameOptions later) => new()
    {
        Servers = later.Servers.Count > 0 ? later.Servers : Servers,
        Search = later.Search.Count > 0 ? later.Search : Search,
        Resolver = later.Resolver.Count > 0 ? later.Resolver : Resolver,
        Hosts = later.Hosts.Count > 0 ? [.. Hosts, .. later.Hosts] : Hosts,
    };
}
