using System.Text;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>One container's directory, held by its lock. The lock decides who it belongs to, whatever else is there.</summary>
internal sealed class ContainerDirectory : IDisposable
{
    internal const string UpperName = "upper";
    internal const string WorkName = "work";
    internal const string LowerName = "lower";
    internal const string CopyName = "rootfs";

    private readonly StoreRoot _store;
    private readonly Fd _root;
    private readonly FileLock _held;

    private ContainerDirectory(StoreRoot store, string name, FileLock held)
    {
        (_store, _root, Name, _held) = (store, store.Open(), name, held);
        try
        {
            var holder = ContainerCatalog.FormatHolder(Environment.ProcessId);
            if (FileSystem.Status(held.File).Size > holder.Length)
            {
                FileSystem.SetLength(held.File, 0);
            }

            FileSystem.WriteAt(held.File, holder, 0);
        }
        catch
        {
            held.Dispose(); // a lock that stays would make each try at it look like another process's
            throw;
        }
    }

    internal string Name { get; }

    /// <summary>Relative to the store's root.</summary>
    internal string Path => StorePaths.Container(Name);

    internal bool HasRecord => StoreDirectory.Exists(_root, $"{Path}/{ContainerCatalog.RecordName}");

    internal bool HasCopy => StoreDirectory.Exists(_root, $"{Path}/{CopyName}");

    /// <summary>Holds the directory, making it when it is not there; null while another process holds it.</summary>
    internal static ContainerDirectory? TryMake(StoreRoot store, string name)
    {
        var root = store.Open();
        if (ContainerNames.IsRandom(name))
        {
            var path = StorePaths.Container(name);
            if (WritableLayerPool.TryTake(root, path) && !WritableLayerPool.TryOpen(root, path)) // never onto a container: that is not empty
            {
                DamagedPath.Clear(root, path);
            }
        }

        while (true)
        {
            FileSystem.MakeDirectory(root, PathZ.From(StorePaths.Container(name)), StorePaths.DirectoryMode, mayExist: true);
            try
            {
                return FileLock.AcquireSoon(root, ContainerCatalog.LockPath(name), exclusive: true) is { } held ? new ContainerDirectory(store, name, held) : null;
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOENT)
            {
                // A sweep took the fresh directory for garbage, before its lock was held.
            }
        }
    }

    /// <summary>Holds a directory that is there; null while another process holds it.</summary>
    /// <exception cref="LinuxException">ENOENT: there is none.</exception>
    internal static ContainerDirectory? TryHold(StoreRoot store, string name) =>
        FileLock.AcquireSoon(store.Open(), ContainerCatalog.LockPath(name), exclusive: true) is { } held ? new ContainerDirectory(store, name, held) : null;

    /// <summary>Lets the lock outlive execve(2); the number of its descriptor.</summary>
    internal int HandOver()
    {
        Kernel.SetCloseOnExec(_held.File.Number, false);
        return _held.File.Number;
    }

    /// <summary>Deletes what the kernel has made in the work directory and needs no more.</summary>
    internal void Tidy() => WritableLayerPool.Tidy(_root, Path);

    /// <summary>Ends a container that goes with its run: its layer becomes a spare, emptied where it was written to; or it is deleted.</summary>
    internal void Retire()
    {
        // The lock goes along: as long as the directory has its name here, a sweep that finds it free would delete it.
        FileSystem.TryUnlink(_root, PathZ.From($"{Path}/{ContainerCatalog.RecordName}"));
        ContainerInstances.Forget(_root, Name);
        if (WritableLayerPool.TryGive(_root, Path))
        {
            return;
        }

        Empty();
        var isEmpty = StoreDirectory.List(_root, Path).All(static name => name.AsSpan().SequenceEqual("lock"u8)); // what could not be deleted is nobody's spare
        if (!isEmpty || !WritableLayerPool.TryFill(_root, Path) || !WritableLayerPool.TryPlace(_root, Path))
        {
            Delete();
        }
    }

    /// <summary>Takes over a directory whose lock is held already.</summary>
    internal static ContainerDirectory Adopt(StoreRoot store, string name, FileLock held) => new(store, name, held);

    /// <summary>Makes the writable layer. Overlay shows its permissions as those of the container's root.</summary>
    internal void MakeLayers(uint rootPermissions, bool withLower)
    {
        FileSystem.MakeDirectory(_root, PathZ.From($"{Path}/{UpperName}"), StorePaths.DirectoryMode, mayExist: true);
        var error = FileSystem.TrySetMode(_root, PathZ.From($"{Path}/{UpperName}"), rootPermissions);
        if (error != Errno.None)
        {
            throw new LinuxException("chmod", $"{Path}/{UpperName}", error);
        }

        FileSystem.MakeDirectory(_root, PathZ.From($"{Path}/{WorkName}"), StorePaths.DirectoryMode, mayExist: true);
        if (withLower)
        {
            FileSystem.MakeDirectory(_root, PathZ.From($"{Path}/{LowerName}"), StorePaths.DirectoryMode, mayExist: true);
        }
    }

    /// <summary>What of a kept container's changes cannot be used, in a few words; null when all is there. The work directory is not of them: it is made again.</summary>
    internal static string? DescribeLayers(Fd root, string path) => ContainerTrees.Find(root, path) is { } trees ? trees.Describe(root)
        : $"has lost its changes: '{LayerState.FileName}', which names them, is damaged";

    /// <summary>Makes the empty directories of a kept container that are missing, or are none: overlay needs them, and nothing in them is kept.</summary>
    internal void RepairLayers(bool withLower, bool isCopy)
    {
        foreach (var name in (string[])[WorkName, .. withLower ? [LowerName] : Array.Empty<string>()])
        {
            var path = $"{Path}/{name}";
            if (!isCopy && !DamagedPath.IsUsable(_root, path, FileKind.Directory) && !DamagedPath.TryReopen(_root, path, FileKind.Directory))
            {
                _store.TryDelete(path);
                FileSystem.MakeDirectory(_root, PathZ.From(path), StorePaths.DirectoryMode);
            }
        }
    }

    /// <summary>Writes the record of a container that is kept.</summary>
    internal void WriteRecord(ReadOnlySpan<byte> record)
    {
        DurableFile.Write(_root, Path, ContainerCatalog.RecordName, record);
        StoreDirectory.Sync(_root, StorePaths.Containers);
    }

    /// <summary>Writes the record of a container that runs already and goes with its run: without one it is not listed, and nothing else.</summary>
    internal void TryWriteRecord(ReadOnlySpan<byte> record)
    {
        try
        {
            using var directory = FileSystem.Open(_root, PathZ.From(Path), O_PATH | O_DIRECTORY | O_NOFOLLOW);
            StoreDirectory.Write(directory, ContainerCatalog.RecordName, record);
        }
        catch (LinuxException)
        {
            // a full disk, most likely
        }
    }

    /// <summary>Deletes all but the lock: what a killed start has left.</summary>
    internal void Empty()
    {
        foreach (var path in Content(_root, Name))
        {
            _store.TryDelete(path);
        }
    }

    /// <summary>Deletes everything, the lock last, so that nobody takes the directory for free before it is empty.</summary>
    internal void Delete()
    {
        Empty();
        FileSystem.TryUnlink(_root, PathZ.From(ContainerCatalog.LockPath(Name)));
        FileSystem.TryUnlink(_root, PathZ.From(Path), directory: true);
    }

    /// <summary>As <see cref="Delete()"/>, for who holds the lock alone; adds up what became free, and answers what could not be deleted.</summary>
    internal static (string Name, Errno Error)? Delete(StoreRoot store, string name, ref long freed)
    {
        var root = store.Open();
        (string Name, Errno Error)? failure = null;
        foreach (var path in Content(root, name))
        {
            failure = store.TryDelete(path, ref freed) ?? failure;
        }

        if (failure is null)
        {
            FileSystem.TryUnlink(root, PathZ.From(ContainerCatalog.LockPath(name)));
            FileSystem.TryUnlink(root, PathZ.From(StorePaths.Container(name)), directory: true);
        }

        return failure;
    }

    private static List<string> Content(Fd root, string name) => [.. StoreDirectory.List(root, StorePaths.Container(name))
        .Select(static entry => Encoding.UTF8.GetString(entry)).Where(static entry => entry != ContainerCatalog.LockName)
        .Select(entry => $"{StorePaths.Container(name)}/{entry}")];

    public void Dispose()
    {
        // A process id that outlives its lock could be another's by the time somebody reads it.
        try
        {
            FileSystem.WriteAt(_held.File, ContainerCatalog.FormatHolder(0), 0);
        }
        catch (LinuxException)
        {
            // Readers check it against the kernel's list of locks before they act on it.
        }

        _held.Dispose();
    }
}
