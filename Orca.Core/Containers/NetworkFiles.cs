using System.Text;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The three files that tell a container who it is and where names are resolved.</summary>
internal static class NetworkFiles
{
    private const string Hosts = "/etc/hosts";
    private const string HostnamePath = "/etc/hostname";
    private const string ResolvConf = "/etc/resolv.conf";

    /// <summary>The files, less those that a mount of the run covers anyway.</summary>
    internal static List<GeneratedFile> Of(string hostname, string hostResolvConf, string hostHosts, IReadOnlyList<BindMount> mounts)
    {
        var files = new List<GeneratedFile>(3);
        Add(files, mounts, HostnamePath, hostname + "\n");
        Add(files, mounts, Hosts, HostsOf(hostname, hostHosts));
        Add(files, mounts, ResolvConf, hostResolvConf);
        return files;
    }

    private static void Add(List<GeneratedFile> files, IReadOnlyList<BindMount> mounts, string path, string content)
    {
        foreach (var mount in mounts)
        {
            if (CleanPath.Of(mount.Destination) == path)
            {
                return;
            }
        }

        files.Add(new GeneratedFile(path, content));
    }

    /// <summary>The host's names hold inside too, for the network is the host's; the container's own name is added.</summary>
    private static string HostsOf(string hostname, string hostHosts)
    {
        var text = new StringBuilder();
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t").Append(hostname).Append('\n');
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

    private static bool IsLoopback(string line) =>
        line.StartsWith("127.", StringComparison.Ordinal) || line.StartsWith("::1", StringComparison.Ordinal);
}
