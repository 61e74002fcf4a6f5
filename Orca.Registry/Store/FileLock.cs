using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>A lock that lives as long as this object or this process, whichever ends first: flock(2) on a small file.</summary>
/// <remarks>
/// POSIX locks would go when any other part of the process closes the same file. The file may be deleted by a holder of the exclusive lock;
/// who waited for it finds no name left on what was locked, and takes the file of that name that is there now.
/// </remarks>
internal sealed class FileLock : IDisposable
{
    private const int ShortestWait = 2;
    private const int LongestWait = 100;

    private FileLock(Fd file) => File = file;

    /// <summary>The locked file.</summary>
    internal Fd File { get; }

    /// <summary>Takes over a lock that this process has inherited: a descriptor of the file at the path, which is locked already; null when it is another's.</summary>
    internal static FileLock? Inherit(Fd root, string path, int descriptor)
    {
        var inherited = new Fd(descriptor);
        if (FileSystem.TryStatus(root, PathZ.From(path), out var there) == Errno.None
            && FileSystem.TryStatus(inherited, out var held) == Errno.None && (there.Device, there.Inode) == (held.Device, held.Inode)
            && FileSystem.TryLock(inherited, exclusive: true, wait: false) == Errno.None) // ours already, through this open file
        {
            return new FileLock(inherited);
        }

        inherited.SetHandleAsInvalid();
        return null;
    }

    /// <summary>Takes the lock if nobody is in the way; null otherwise.</summary>
    /// <exception cref="StoreException">The file system has no locks.</exception>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    internal static FileLock? TryAcquire(Fd root, string path, bool exclusive, bool create = true)
    {
        while (true)
        {
            Fd? file = Open(root, path, exclusive, create);
            try
            {
                var error = FileSystem.TryLock(file, exclusive, wait: false);
                var status = error == Errno.None ? FileSystem.Status(file) : default;
                switch (error)
                {
                    case Errno.None when status.Kind != FileKind.Regular:
                        if (!create || !DamagedPath.Clear(root, path))
                        {
                            throw new LinuxException("open lock", path, Errno.EINVAL);
                        }

                        continue;
                    case Errno.None when status.Links > 0:
                        var held = new FileLock(file);
                        file = null;
                        return held;
                    case Errno.None:
                        continue; // deleted between open and lock
                    case Errno.EAGAIN:
                        return null;
                    default:
                        throw new StoreException($"cannot lock '{path}' in the store: {error.Describe()}", "place the store on a local disk with --root or ORCA_ROOT");
                }
            }
            finally
            {
                file?.Dispose();
            }
        }
    }

    /// <summary>Takes the lock of a name that nobody has; null when somebody was quicker. A file system that has no locks is not left with the file.</summary>
    /// <inheritdoc cref="TryAcquire"/>
    internal static FileLock? TryCreate(Fd root, string path)
    {
        try
        {
            return TryAcquire(root, path, exclusive: true);
        }
        catch (StoreException)
        {
            FileSystem.TryUnlink(root, PathZ.From(path));
            throw;
        }
    }

    /// <summary>Takes the lock exclusively if its file is there and nobody is in the way; null otherwise.</summary>
    internal static FileLock? TryAcquireExisting(Fd root, string path)
    {
        try
        {
            return TryAcquire(root, path, exclusive: true, create: false);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    }

    /// <summary>Deletes a file that is its own lock, or what is in its place, unless a process holds it.</summary>
    internal static bool TryClear(Fd root, string path)
    {
        try
        {
            using var free = TryAcquire(root, path, exclusive: true, create: false);
            return free is not null && FileSystem.TryUnlink(root, PathZ.From(path)) == Errno.None;
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return false;
        }
        catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno))
        {
            return TreeDeleter.TryDelete(root, path) is null;
        }
    }

    /// <summary>Takes the lock, waiting until nobody is in the way.</summary>
    internal static FileLock Acquire(Fd root, string path, bool exclusive, CancellationToken cancellationToken, LockNotice.Wait? waiting = null)
    {
        for (var wait = ShortestWait; ; wait = Math.Min(wait * 2, LongestWait))
        {
            if (TryAcquire(root, path, exclusive) is { } held)
            {
                return held;
            }

            waiting?.Tick();
            if (cancellationToken.CanBeCanceled)
            {
                cancellationToken.WaitHandle.WaitOne(wait);
                cancellationToken.ThrowIfCancellationRequested();
            }
            else
            {
                Thread.Sleep(wait);
            }
        }
    }

    /// <summary>Takes the lock, giving somebody who only looks at it the time to let go; null when it stays taken.</summary>
    internal static FileLock? AcquireSoon(Fd root, string path, bool exclusive, bool create = true)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (TryAcquire(root, path, exclusive, create) is { } held)
            {
                return held;
            }

            if (attempt == 10)
            {
                return null;
            }

            Thread.Sleep(ShortestWait);
        }
    }

    public void Dispose() => File.Dispose();

    private static bool IsAnothers(Fd root, string path) =>
        FileSystem.TryStatus(root, PathZ.From(path), out var status) == Errno.None && (status.Kind != FileKind.Regular || status.Uid != CurrentUser.EffectiveUid);

    private static Fd Open(Fd root, string path, bool exclusive, bool create)
    {
        var flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | (create ? O_CREAT : 0);
        var error = FileSystem.TryOpen(root, PathZ.From(path), flags, out var file, StorePaths.FileMode);
        if (error is Errno.EROFS or Errno.EACCES && !exclusive)
        {
            error = FileSystem.TryOpen(root, PathZ.From(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out file); // a store that can only be read still serves
        }

        // ENOENT: a link to nowhere may be in the place of the directory.
        if ((DamagedPath.IsAbout(error) || error == Errno.ENOENT) && create && StoreFormat.TryRepairDirectory(root, path[..path.LastIndexOf('/')]))
        {
            error = FileSystem.TryOpen(root, PathZ.From(path), flags, out file, StorePaths.FileMode);
        }

        // A lock of this user that is only closed may be held, and is opened again. What is another user's, or no file, no process of this user can hold: a new one takes its place.
        if (DamagedPath.IsAbout(error) && (DamagedPath.TryReopen(root, path, FileKind.Regular) || (create && IsAnothers(root, path) && DamagedPath.Clear(root, path))))
        {
            error = FileSystem.TryOpen(root, PathZ.From(path), flags, out file, StorePaths.FileMode);
        }

        return error == Errno.None ? file! : throw new LinuxException("open lock", path, error);
    }
}
