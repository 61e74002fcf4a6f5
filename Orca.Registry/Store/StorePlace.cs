using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Where the store is in the host's tree.</summary>
internal static class StorePlace
{
    /// <summary>Whether somebody who reads the directory and all that is below it, without entering mounts, reads the store too.</summary>
    /// <remarks>By the identity of directories and not by names, which symbolic links and bind mounts change.</remarks>
    internal static bool IsBelow(Fd store, Fd directory)
    {
        var wanted = FileSystem.Status(directory);
        var current = FileSystem.OpenDirectory(store, PathZ.OfTerminated(".\0"u8));
        for (var status = FileSystem.Status(current); ;)
        {
            if (status.Device != wanted.Device || status.Inode == wanted.Inode)
            {
                current.Dispose();
                return status.Device == wanted.Device;
            }

            var error = FileSystem.TryOpen(current, PathZ.OfTerminated("..\0"u8), O_PATH | O_DIRECTORY, out var parent);
            current.Dispose();
            if (error != Errno.None)
            {
                return false;
            }

            current = parent!;
            var above = FileSystem.Status(current);
            if (above.Device == status.Device && above.Inode == status.Inode)
            {
                current.Dispose();
                return false; // the root is its own parent
            }

            status = above;
        }
    }
}
