using Orca.Registry.Remote.Hosts;

namespace Orca.Registry.Remote;

/// <summary>Where a registry answers: from its name in a reference to the address of its interface.</summary>
internal sealed class RegistryEndpoint
{
    internal RegistryEndpoint(string registry, InsecureHosts insecure)
    {
        Registry = registry;
        Authority = registry == "docker.io" ? "registry-1.docker.io" : registry;
        Https = new Uri($"https://{Authority}/");
        MaySpeakHttp = insecure.MaySpeakHttp(Https) || insecure.Contains(new Uri($"http://{Authority}/"));
        IsLoopback = AddressRules.IsLoopback(Https.IdnHost);
    }

    /// <summary>The registry's name, under which its credentials are kept.</summary>
    internal string Registry { get; }

    /// <summary>Host and port.</summary>
    internal string Authority { get; }

    /// <summary>The registry over TLS.</summary>
    internal Uri Https { get; }

    /// <summary>The registry in the clear; only for a registry on this machine, or one that the user marked insecure.</summary>
    internal Uri Http => MaySpeakHttp ? new Uri($"http://{Authority}/") : throw new InvalidOperationException("plain http is for registries on this machine");

    /// <summary>True when the registry is on this machine or marked insecure, so that plain http may be spoken to it.</summary>
    internal bool MaySpeakHttp { get; }

    /// <summary>True when the registry is on this machine.</summary>
    internal bool IsLoopback { get; }
}
