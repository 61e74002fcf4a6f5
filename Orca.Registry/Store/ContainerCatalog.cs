using System.Globalization;
using System.Text;
using Orca.Core.Containers;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>One container as its directory tells it.</summary>
/// <param name="Record">What it remembers.</param>
/// <param name="IsKept">False when it goes with its run.</param>
/// <param name="IsHeld">True while a process runs it.</param>
/// <param name="ProcessId">That process, where it is known.</param>
internal sealed record ContainerEntry(ContainerRecord Record, bool IsKept, bool IsHeld, int? ProcessId)
{
    /// <summary>False for what a killed run has left.</summary>
    internal bool Counts => IsKept || IsHeld;
}

/// <summary>Reads the containers of a store without holding them.</summary>
internal sealed class ContainerCatalog(StoreRoot store)
{
    internal const string RecordName = "record.json";
    internal const string LockName = "lock";
    private const int MaxProcessId = 32;

    /// <summary>All containers, those of killed runs included; by name.</summary>
    internal List<ContainerEntry> All()
    {
        var all = new List<ContainerEntry>();
        if (store.TryOpen() is not { } root)
        {
            return all;
        }

        foreach (var bytes in StoreDirectory.List(root, StorePaths.Containers))
        {
            var name = Encoding.UTF8.GetString(bytes);
            if (ContainerNames.IsValid(name) && Find(root, name) is { } entry)
            {
                all.Add(entry);
            }
        }

        all.Sort(static (a, b) => string.CompareOrdinal(a.Record.Name, b.Record.Name));
        return all;
    }

    /// <summary>The container of a name, that of a killed run included; null when there is no whole record.</summary>
    internal static ContainerEntry? Find(Fd root, string name)
    {
        if (Read(root, name) is not { } entry)
        {
            return null;
        }

        var isHeld = IsHeld(root, name);
        return new ContainerEntry(entry.Record, entry.IsKept, isHeld, isHeld ? HolderOf(root, name) : null);
    }

    /// <summary>The kept containers whose record cannot be read; by name.</summary>
    internal List<string> Damaged() => store.TryOpen() is not { } root ? [] : [.. StoreDirectory.List(root, StorePaths.Containers).Select(Encoding.UTF8.GetString)
        .Where(name => ContainerNames.IsValid(name) && !ContainerNames.IsRandom(name) && IsDamaged(root, name)).Order(StringComparer.Ordinal)];

    /// <summary>Whether containers may be there that <see cref="All"/> does not return: their record, or the directory of all of them, cannot be read.</summary>
    internal bool HasUnknown() => Damaged().Count > 0 || (store.TryOpen() is { } root && DamagedPath.Describe(root, StorePaths.Containers, FileKind.Directory) is not null);

    /// <summary>Whether there is a record, or may be one, that cannot be read.</summary>
    internal static bool IsDamaged(Fd root, string name) => Read(root, name) is null
        && (!DamagedPath.IsUsable(root, StorePaths.Container(name), FileKind.Directory) || !StoreDirectory.IsAbsent(root, $"{StorePaths.Container(name)}/{RecordName}"))
        && !StoreDirectory.IsAbsent(root, StorePaths.Container(name));

    /// <summary>What a container remembers; null when it has no whole record.</summary>
    internal static (ContainerRecord Record, bool IsKept)? Read(Fd root, string name) =>
        StoreDirectory.TryRead(root, $"{StorePaths.Container(name)}/{RecordName}", ContainerRecordReader.MaxLength) is { } bytes
        && ContainerRecordReader.Read(bytes) is { } entry ? (entry.Record with { Name = name }, entry.IsKept) : null; // the directory's name counts: a rename may have been cut short

    internal static string LockPath(string name) => $"{StorePaths.Container(name)}/{LockName}";

    /// <summary>What the holder of a lock writes into it: its process id, and 0 when it lets go. As many bytes for each, since a file that is cut and written again is flushed by ext4.</summary>
    internal static byte[] FormatHolder(int id) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id:D10}\n"));

    /// <summary>The process id that the holder of the lock wrote into it.</summary>
    internal static int? HolderOf(Fd root, string name) =>
        StoreDirectory.TryRead(root, LockPath(name), MaxProcessId) is { } bytes
        && int.TryParse(Encoding.ASCII.GetString(bytes).AsSpan().TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;

    /// <summary>True while a process holds the container.</summary>
    internal static bool IsHeld(Fd root, string name) => IsLocked(root, LockPath(name));

    /// <summary>Whether a process holds the lock at a path.</summary>
    internal static bool IsLocked(Fd directory, string path)
    {
        try
        {
            using var free = FileLock.TryAcquire(directory, path, exclusive: false, create: false);
            return free is null;
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT || DamagedPath.IsAbout(e.Errno))
        {
            return false; // what cannot be opened, no process of this user holds
        }
    }
}
