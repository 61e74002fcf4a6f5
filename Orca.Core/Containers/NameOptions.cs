using System.Text.Json;

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

    /// <summary>True: /etc/hosts is the image's own.</summary>
    public bool? KeepsHosts { get; init; }

    /// <summary>True when resolv.conf is not simply the host's.</summary>
    public bool ChangesResolver => Servers.Count + Search.Count + Resolver.Count > 0;

    /// <summary>Returns these, where <paramref name="later"/> does not say otherwise; hosts add up.</summary>
    public NameOptions OverriddenBy(NameOptions later) => new()
    {
        Servers = later.Servers.Count > 0 ? later.Servers : Servers,
        Search = later.Search.Count > 0 ? later.Search : Search,
        Resolver = later.Resolver.Count > 0 ? later.Resolver : Resolver,
        Hosts = later.Hosts.Count > 0 ? [.. Hosts, .. later.Hosts] : Hosts,
        KeepsHosts = later.KeepsHosts ?? KeepsHosts,
    };

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteField("dns"u8, Servers);
        writer.WriteField("dnsSearch"u8, Search);
        writer.WriteField("dnsOptions"u8, Resolver);
        writer.WriteField("hosts"u8, Hosts);
        writer.WriteField("keepsHosts"u8, KeepsHosts);
    }

    /// <summary>Returns the options with this field of a record; null where it is not one of theirs.</summary>
    internal NameOptions? Read(string field, ref Utf8JsonReader reader) => field switch
    {
        "dns" => this with { Servers = reader.ReadTexts() },
        "dnsSearch" => this with { Search = reader.ReadTexts() },
        "dnsOptions" => this with { Resolver = reader.ReadTexts() },
        "hosts" => this with { Hosts = reader.ReadTexts().ConvertAll(HostEntry.Parse) },
        "keepsHosts" => this with { KeepsHosts = reader.GetBoolean() },
        _ => null,
    };
}
