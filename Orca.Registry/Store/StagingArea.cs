using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Where things are built before they are renamed into place, and go to be deleted.</summary>
/// <remarks>
/// Each name is held by a lock beside it, from before the directory is made until after it is gone. So what carries no held lock
/// is garbage of a process that died, and <see cref="Sweep"/> takes it away; process ids and clocks decide nothing.
/// </remarks>
internal sealed class StagingArea(StoreRoot store)
{
    internal const string LockSuffix = ".lock";

    /// <summary>Whether the store is in the directory, or is it.</summary>
    internal bool IsBelow(Fd directory) => StorePlace.IsBelow(store.Open(), directory);

    /// <summary>Holds a new name, of which there is nothing yet.</summary>
    internal StagedName Reserve()
    {
        var root = store.Open();
        while (true)
        {
            var path = $"{StorePaths.Staging}/{Guid.NewGuid().ToString("N")[..16]}";
            try
            {
                if (FileLock.TryCreate(root, path + LockSuffix) is { } held)
                {
                    return new StagedName(store, path, held);
                }
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOENT)
            {
                store.EnsureDirectories();
            }
        }
    }

    /// <summary>Deletes what dead processes left.</summary>
    internal void Sweep()
    {
        if (store.TryOpen() is not { } root)
        {
            return;
        }

        foreach (var path in Paths(root))
        {
            try
            {
                using var held = FileLock.TryAcquire(root, path + LockSuffix, exclusive: true);
                if (held is not null)
                {
                    StagedName.Clear(store, path);
                }
            }
            catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno))
            {
                // Prune names it.
            }
        }
    }

    /// <summary>What is there, whoever it belongs to: paths below the store's root.</summary>
    internal static IEnumerable<string> Paths(Fd root)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in StoreDirectory.List(root, StorePaths.Staging))
        {
            var text = Encoding.ASCII.GetString(name);
            names.Add(text.EndsWith(LockSuffix, StringComparison.Ordinal) ? text[..^LockSuffix.Length] : text);
        }

        return names.Select(static name => $"{StorePaths.Staging}/{name}");
    }
}

/// <summary>A name in the staging area that this process holds. Disposing it deletes what is there.</summary>
internal sealed class StagedName(StoreRoot store, string path, FileLock held) : IDisposable
{
    private bool _isDisposed;

    /// <summary>Relative to the store's root.</summary>
    internal string Path => path;

    /// <summary>Makes the directory.</summary>
    internal Fd MakeDirectory()
    {
        FileSystem.MakeDirectory(store.Open(), PathZ.From(path), StorePaths.DirectoryMode);
        return FileSystem.OpenDirectory(store.Open(), PathZ.From(path));
    }

    /// <summary>Deletes what is there, adds up what became free, and answers what could not be deleted.</summary>
    internal (string Name, Errno Error)? TryDelete(ref long freed)
    {
        _isDisposed = true;
        using (held)
        {
            return Clear(store, path, ref freed);
        }
    }

    /// <summary>Deletes what is there, and says what could not be.</summary>
    internal void Delete()
    {
        _isDisposed = true;
        using (held)
        {
            if (Clear(store, path) is { } failure)
            {
                throw Failure(failure, path);
            }
        }
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            using (held)
            {
                Clear(store, path);
            }
        }
    }

    /// <summary>Says what could not be deleted.</summary>
    internal static StoreException Failure((string Name, Errno Error) first, string path) =>
        new($"cannot delete '{first.Name}' in the store: {first.Error.Describe()}", first.Error is Errno.EACCES or Errno.EPERM
            ? $"if it belongs to sub-ids of yours, 'orca doctor' says what they lack; root can delete what is left in '{path}' of the store"
            : $"delete what is left in '{path}' of the store by hand");

    /// <summary>Deletes the directory, then its lock; the lock stays with what could not be deleted, so that a later sweep tries again.</summary>
    internal static (string Name, Errno Error)? Clear(StoreRoot store, string path)
    {
        long freed = 0;
        return Clear(store, path, ref freed);
    }

    /// <summary>As <see cref="Clear(StoreRoot, string)"/>, and adds up what became free.</summary>
    internal static (string Name, Errno Error)? Clear(StoreRoot store, string path, ref long freed)
    {
        var failure = store.TryDelete(path, ref freed);
        if (failure is null)
        {
            FileSystem.TryUnlink(store.Open(), PathZ.From(path + StagingArea.LockSuffix));
        }

        return failure;
    }
}
