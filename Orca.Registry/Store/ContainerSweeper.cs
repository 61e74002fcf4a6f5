using System.Text;
using Orca.Core.Errors;
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

    /// <summary>
    /// Deletes containers that should have gone with their run and whose lock is free: on a thread of its own, for that may take long. If this process ends
    /// or is replaced meanwhile, a later sweep goes on.
    /// </summary>
    internal static void SweepRunsAside(StoreRoot store)
    {
        List<(string Name, FileLock Lock)>? dead = null;
        try
        {
            dead = DeadRuns(store.Open());
        }
        catch (Exception e) when (e is LinuxException or OrcaException)
        {
            // It costs space, not correctness.
        }

        if (dead is { Count: > 0 })
        {
            new Thread(() => dead.ForEach(one => Delete(store, one.Name, one.Lock))) { IsBackground = true, Name = "orca sweep" }.Start();
        }
    }

    private static List<(string Name, FileLock Lock)> DeadRuns(Fd root)
    {
        var dead = new List<(string, FileLock)>();
        var looks = 0;
        foreach (var bytes in StoreDirectory.List(root, StorePaths.Containers))
        {
            if (!bytes.AsSpan().StartsWith("run-"u8) || Encoding.UTF8.GetString(bytes) is var name && !ContainerNames.IsRandom(name))
            {
                continue;
            }

            if (looks++ == MaxLooks)
            {
                break;
            }

            if (TryHold(root, name) is { } free)
            {
                dead.Add((name, free));
            }
        }

        return dead;
    }

    private static FileLock? TryHold(Fd root, string name)
    {
        try
        {
            return FileLock.TryAcquire(root, ContainerCatalog.LockPath(name), exclusive: true);
        }
        catch (LinuxException e)
        {
            // Gone meanwhile, or not to be had: it costs space, not correctness.
            if (e.Errno == Errno.EACCES)
            {
                _ = FileSystem.TrySetMode(root, PathZ.From(StorePaths.Container(name)), StorePaths.DirectoryMode); // made under a strange umask: the next sweep gets in
            }
        }

        return null;
    }

    private static void Delete(StoreRoot store, string name, FileLock held)
    {
        try
        {
            using var directory = ContainerDirectory.Adopt(store, name, held);
            directory.Delete();
        }
        catch (Exception e) when (e is LinuxException or OrcaException)
        {
            // gone meanwhile, or not to be had
        }
    }
}
