using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Ends the process that runs a container, and takes the container's lock from it.</summary>
/// <remarks>
/// A process id on disk may be anybody's by now. It is believed only when a descriptor pins the process, the lock is still held after that,
/// and the kernel's list of locks names that process as holder of a lock on that very file.
/// </remarks>
internal static class ContainerKiller
{
    private const int Kill9 = 9;
    private const int MaxLocks = 64 << 20;
    private const int Patience = 100; // steps of a tenth of a second

    /// <summary>The container's directory, held, after its process is gone.</summary>
    internal static ContainerDirectory Kill(StoreRoot store, string name)
    {
        var root = store.Open();
        StoreException Refuse(string cause) => new($"cannot end container '{name}': {cause}", "end its process by hand, then remove it with 'orca rm'");

        var id = ContainerCatalog.HolderOf(root, name) ?? throw Refuse("it is not known which process runs it");
        if (id == Environment.ProcessId)
        {
            throw Refuse("this process runs it");
        }

        using (var process = Kernel.TryOpenProcess(id))
        {
            if (process is not null)
            {
                if (!HoldsLock(root, name, id))
                {
                    return ContainerDirectory.TryHold(store, name) ?? throw Refuse($"it is not certain that process {id} runs it");
                }

                var error = Kernel.TrySignal(process, Kill9);
                if (error is not (Errno.None or Errno.ESRCH))
                {
                    throw Refuse($"process {id}: {error.Describe()}");
                }
            }
        }

        for (var step = 0; step < Patience; step++)
        {
            if (ContainerDirectory.TryHold(store, name) is { } held)
            {
                return held;
            }

            Thread.Sleep(100);
        }

        throw Refuse($"process {id} does not let go of it");
    }

    /// <summary>A line of /proc/locks: <c>1: FLOCK  ADVISORY  WRITE 2203 fe:00:1835021 0 EOF</c>. Device numbers are left out: btrfs shows others there than in stat.</summary>
    private static bool HoldsLock(Fd root, string name, int id)
    {
        var inode = FileSystem.Status(root, PathZ.From(ContainerCatalog.LockPath(name))).Inode.ToString(CultureInfo.InvariantCulture);
        var process = id.ToString(CultureInfo.InvariantCulture);
        foreach (var line in HostFileReader.ReadDefault("/proc/locks", MaxLocks).Text.Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 6 && fields[1] == "FLOCK" && fields[3] == "WRITE" && fields[4] == process && fields[5].EndsWith(":" + inode, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
