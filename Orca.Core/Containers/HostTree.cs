using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Looks into a directory of this machine that a container is to see.</summary>
internal static class HostTree
{
    /// <summary>What the kernel will find at a place of it, as far as no symbolic link is on the way: where that leads is decided inside.</summary>
    /// <param name="source">The directory; links of it are followed.</param>
    /// <param name="place">The path, which begins with the directory's.</param>
    /// <param name="kind">What is there, or the link on the way.</param>
    internal static Errno Look(string source, string place, out FileKind kind)
    {
        var error = Followed(source, out kind);
        var end = source.TrimEnd('/').Length;
        while (error == Errno.None && end < place.Length && kind != FileKind.SymbolicLink)
        {
            if (kind != FileKind.Directory)
            {
                return Errno.ENOTDIR;
            }

            end = place.IndexOf('/', end + 1) is > 0 and var slash ? slash : place.Length;
            error = FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(place[..end])), out var status);
            kind = status.Kind;
        }

        return error;
    }

    private static Errno Followed(string path, out FileKind kind)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), Tmds.Linux.LibC.O_PATH, out var fd);
        using (fd)
        {
            var status = default(FileStatus);
            error = error == Errno.None ? FileSystem.TryStatus(fd!, out status) : error;
            kind = status.Kind;
            return error;
        }
    }
}
