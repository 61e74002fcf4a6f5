using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Where the host's resolver configuration really lies, when it can be followed live.</summary>
/// <remarks>
/// What manages the network replaces the file by a rename, so a mount of the file would keep showing the old one. Where the file lies in a directory that
/// is there for nothing else, that directory can be shown inside, and a link into it always leads to the newest. /etc is no such directory: it stays closed.
/// </remarks>
internal static class HostResolver
{
    private static readonly string[] s_directories = ["/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf", "/run/connman", "/run/netconfig"];

    /// <summary>The file's path; null when /etc/resolv.conf is no link into one of the known directories, or leads nowhere.</summary>
    internal static string? Find()
    {
        // No exception: on most hosts this is no link, and throwing would double the time of a start.
        if (FileSystem.TryReadLink(PathZ.OfTerminated("/etc/resolv.conf\0"u8), out var target) != Errno.None)
        {
            return null;
        }

        var file = Place(NativeText.Decode(target));
        return file is not null && FileSystem.TryAccess(PathZ.From(file), write: false) == Errno.None ? file : null;
    }

    /// <summary>The file that the link's target means, when it lies directly in a directory known to hold such files.</summary>
    internal static string? Place(string target)
    {
        var path = CleanPath.Of(target.StartsWith('/') ? target : "/etc/" + target);
        path = path.StartsWith("/var/run/", StringComparison.Ordinal) ? path["/var".Length..] : path;
        return Array.IndexOf(s_directories, DirectoryOf(path)) >= 0 ? path : null;
    }

    /// <summary>The directory of a file.</summary>
    internal static string DirectoryOf(string path) => path[..path.LastIndexOf('/')];
}
