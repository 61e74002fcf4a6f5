using System.Text;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The three files that tell a container who it is and where names are resolved.</summary>
internal static class NetworkFiles
{
    /// <summary>Where resolvers look.</summary>
    internal const string ResolvConf = "/etc/resolv.conf";

    /// <summary>Names for addresses.</summary>
    internal const string Hosts = "/etc/hosts";

    /// <summary>The container's own name.</summary>
    internal const string HostnamePath = "/etc/hostname";

    private static readonly string[] s_hostNames = ["host.docker.internal", "host.containers.internal"];

    /// <summary>The files, whatever the run mounts over them.</summary>
    internal static List<GeneratedFile> Of(string hostname, RunOptions options, MountLayout layout, Surroundings surroundings)
    {
        var isolated = options.Network.Mode == NamespaceMode.Own;
        var files = new List<GeneratedFile>(3) { new(HostnamePath, hostname + "\n") };
        if (options.Network.Names.KeepsHosts != true)
        {
            files.Add(new(Hosts, HostsOf(hostname, isolated ? string.Empty : surroundings.HostHosts, options.Network.Names.Hosts, isolated)));
        }

        if (!FollowsHost(options, layout, surroundings))
        {
            files.Add(new GeneratedFile(ResolvConf, ResolverConfiguration.Of(options.Network.Names, isolated ? null : surroundings.HostResolvConf)));
        }

        return files;
    }

    /// <summary>True when the resolver's configuration is the host's at every moment, not only at the start: the link can be there, and what it leads to.</summary>
    internal static bool FollowsHost(RunOptions options, MountLayout layout, Surroundings surroundings) =>
        surroundings.HostResolver is not null && options.Network.Mode != NamespaceMode.Own && !options.Network.Names.ChangesResolver
        && !layout.Hides(ResolvConf) && !layout.IsTaken(SandboxSpec.ResolverMount) && layout.Over(SandboxSpec.ResolverMount) is null or { Place: "/dev", IsTemporary: true };

    /// <summary>The link to the host's file, below the directory that the sandbox shows.</summary>
    internal static RootFile LinkTo(string hostResolver) =>
        new(ResolvConf, SandboxSpec.ResolverMount + hostResolver[hostResolver.LastIndexOf('/')..], default);

    /// <summary>The host's names hold inside too where the network is the host's; the container's own name and what the run adds go first.</summary>
    private static string HostsOf(string hostname, string hostHosts, IReadOnlyList<HostEntry> added, bool isolated)
    {
        var text = new StringBuilder();
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t").Append(hostname).Append('\n');
        foreach (var entry in added)
        {
            text.Append(AddressOf(entry, isolated)).Append('\t').Append(entry.Name).Append('\n');
        }

        if (!isolated)
        {
            AppendHost(text, added);
        }

        foreach (var line in hostHosts.Split('\n'))
        {
            var trimmed = line.TrimStart();
            if (trimmed.Length > 0 && trimmed[0] != '#' && !IsLoopback(trimmed))
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The names that docker and podman have for the host, unless the run gives them to something else.</summary>
    private static void AppendHost(StringBuilder text, IReadOnlyList<HostEntry> added)
    {
        foreach (var name in s_hostNames)
        {
            if (!added.Any(entry => entry.Name == name))
            {
                text.Append("127.0.0.1\t").Append(name).Append('\n');
            }
        }
    }

    /// <summary>On the host's network the host is at its own loopback address; without one there is no way to it.</summary>
    private static string AddressOf(HostEntry entry, bool isolated) => entry.Address != HostEntry.Gateway ? entry.Address
        : !isolated ? "127.0.0.1"
        : throw new Errors.SandboxException(
            $"cannot use '--add-host {entry.Name}:{HostEntry.Gateway}' with '--network none': a container without network cannot reach the host", "leave out '--network none', or give an address");

    private static bool IsLoopback(string line) =>
        line.StartsWith("127.", StringComparison.Ordinal) || line.StartsWith("::1", StringComparison.Ordinal);
}
