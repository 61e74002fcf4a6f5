using System.Text;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Takes away what killed runs left, without making those pay that find nothing.</summary>
internal static class ContainerSweeper
{
    private const int MaxLooks = 16; // more containers than that may run; looking at each at every start would be felt

    /// <summary>True when the staging area has directories in it, by its count of links; file systems that do not count say 1.</summary>
    internal static bool HasGarbage(Fd root) =>
        FileSystem.TryStatus(root, PathZ.OfTerminated("staging\0"u8), out var status) == Errno.None && status.Links != 2
        && StoreDirectory.List(root, StorePaths.Staging).Any(static name => !name.AsSpan().EndsWith(".lock"u8));

    /// <summary>Deletes containers that should have gone with their run and whose lock is free.</summary>
    internal static void SweepRuns(Fd root)
    {
        var looks = 0;
        foreach (var bytes in StoreDirectory.List(root, StorePaths.Containers))
        {
            if (!bytes.AsSpan().StartsWith("run-"u8) || Encoding.UTF8.GetString(bytes) is var name && !ContainerNames.IsRandom(name))
            {
                continue;
            }

            if (looks++ == MaxLooks)
            {
                return;
            }

            Sweep(root, name);
        }
    }

    private static void Sweep(Fd root, string name)
    {
        try
        {
            if (FileLock.TryAcquire(root, ContainerCatalog.LockPath(name), exclusive: true) is { } free)
            {
                using var directory = ContainerDirectory.Adopt(root, name, free);
                directory.Delete();
            }
        }
        catch (LinuxException e)
        {
            // Gone meanwhile, or not to be had: it costs space, not correctness.
            if (e.Errno == Errno.EACCES)
            {
                _ = FileSystem.TrySetMode(root, PathZ.From(StorePaths.Container(name)), StorePaths.DirectoryMode); // made under a strange umask: the next sweep gets in
            }
        }
    }
}
