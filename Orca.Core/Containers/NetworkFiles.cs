using System.Text;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The three files that tell a container who it is and where names are resolved.</summary>
internal static class NetworkFiles
{
    /// <summary>Where resolvers look.</summary>
    internal const string ResolvConf = "/etc/resolv.conf";

    private const string Hosts = "/etc/hosts";
    private const string HostnamePath = "/etc/hostname";

    /// <summary>The files, less those that a mount of the run covers anyway.</summary>
    internal static List<GeneratedFile> Of(string hostname, RunOptions options, Surroundings surroundings)
    {
        var isolated = options.Network == NamespaceMode.Own;
        var files = new List<GeneratedFile>(3);
        Add(files, options, HostnamePath, hostname + "\n");
        Add(files, options, Hosts, HostsOf(hostname, isolated ? string.Empty : surroundings.HostHosts, options.Names.Hosts, isolated));
        if (!FollowsHost(options, surroundings))
        {
            Add(files, options, ResolvConf, ResolverConfiguration.Of(options.Names, isolated ? null : surroundings.HostResolvConf));
        }

        return files;
    }

    /// <summary>True when the resolver's configuration is the host's at every moment, not only at the start.</summary>
    internal static bool FollowsHost(RunOptions options, Surroundings surroundings) =>
        surroundings.HostResolver is not null && options.Network != NamespaceMode.Own && !options.Names.ChangesResolver && !IsCovered(ResolvConf, options);

    /// <summary>The link to the host's file, below the directory that the sandbox shows.</summary>
    internal static RootFile LinkTo(string hostResolver) =>
        new(ResolvConf, SandboxSpec.ResolverMount + hostResolver[hostResolver.LastIndexOf('/')..], default);

    /// <summary>True when a mount of the run takes this very place.</summary>
    internal static bool IsCovered(string path, RunOptions options)
    {
        foreach (var mount in options.Mounts)
        {
            if (CleanPath.Of(mount.Destination) == path)
            {
                return true;
            }
        }

        return false;
    }

    private static void Add(List<GeneratedFile> files, RunOptions options, string path, string content)
    {
        if (!IsCovered(path, options))
        {
            files.Add(new GeneratedFile(path, content));
        }
    }

    /// <summary>The host's names hold inside too where the network is the host's; the container's own name and what the run adds go first.</summary>
    private static string HostsOf(string hostname, string hostHosts, IReadOnlyList<HostEntry> added, bool isolated)
    {
        var text = new StringBuilder();
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t").Append(hostname).Append('\n');
        foreach (var entry in added)
        {
            text.Append(AddressOf(entry, isolated)).Append('\t').Append(entry.Name).Append('\n');
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

    /// <summary>On the host's network the host is at its own loopback address; without one there is no way to it.</summary>
    private static string AddressOf(HostEntry entry, bool isolated) => entry.Address != HostEntry.Gateway ? entry.Address
        : !isolated ? "127.0.0.1"
        : throw new Errors.SandboxException(
            $"cannot add host '{entry.Name}': a container without network cannot reach the host", "leave out '--network none', or give an address");

    private static bool IsLoopback(string line) =>
        line.StartsWith("127.", StringComparison.Ordinal) || line.StartsWith("::1", StringComparison.Ordinal);
}
