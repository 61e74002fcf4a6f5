using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Deletes a tree of the store, whatever is in it.</summary>
/// <remarks>
/// By descriptor, following no link, entering no mount. Iterative: what lies deeper than <see cref="MaxDepth"/> is moved up to the tree's own
/// root and deleted from there, so neither the stack nor the descriptors limit the depth. A directory is listed piece by piece, as it may have any number of names, and anew when that
/// has passed some over. Directories without permissions get them first.
/// What cannot be deleted is left, the rest goes.
/// </remarks>
internal sealed class TreeDeleter : IDisposable
{
    private const int MaxDepth = 32;
    private const uint OwnerAll = 0b111_000_000; // u+rwx

    private readonly Stack<Level> _levels = new();
    private readonly bool _counts;
    private (string Name, Errno Error)? _failure;
    private long _freed;
    private int _moved;

    private TreeDeleter(bool counts) => _counts = counts;

    /// <summary>Deletes what a name stands for; nothing is fine.</summary>
    /// <exception cref="StoreException">Something could not be deleted; it says what was first.</exception>
    internal static void Delete(Fd parent, ReadOnlySpan<byte> name)
    {
        if (TryDelete(parent, name) is { } failure)
        {
            throw new StoreException($"cannot delete '{failure.Name}' in the store: {failure.Error.Describe()}");
        }
    }

    /// <summary>As <see cref="Delete"/>; answers the first failure.</summary>
    internal static (string Name, Errno Error)? TryDelete(Fd parent, string name) => TryDelete(parent, System.Text.Encoding.UTF8.GetBytes(name));

    /// <summary>As <see cref="TryDelete(Fd, string)"/>, and adds up the bytes on the disk that became free: what has another name elsewhere stays.</summary>
    internal static (string Name, Errno Error)? TryDelete(Fd parent, string name, ref long freed)
    {
        using var deleter = new TreeDeleter(counts: true);
        deleter.Run(parent, System.Text.Encoding.UTF8.GetBytes(name));
        freed += deleter._freed;
        return deleter._failure;
    }

    private static (string Name, Errno Error)? TryDelete(Fd parent, ReadOnlySpan<byte> name)
    {
        using var deleter = new TreeDeleter(counts: false);
        deleter.Run(parent, name.ToArray());
        return deleter._failure;
    }

    public void Dispose()
    {
        foreach (var level in _levels)
        {
            level.Dispose();
        }
    }

    private void Run(Fd parent, byte[] name)
    {
        Remove(parent, name, kind: null, device: null);
        while (_levels.TryPeek(out var level))
        {
            if (level.TryNext(out var child, out var kind))
            {
                Remove(level.Directory, child, kind, level.Device);
                continue;
            }

            _levels.Pop();
            var error = Unlink(level.Parent, PathZ.From(level.Name), directory: true);
            if (error is Errno.ENOTEMPTY or Errno.EEXIST && level.TryStartAgain())
            {
                _levels.Push(level);
                continue;
            }

            level.Dispose();
            Note(level.Name, error);
        }
    }

    /// <summary>Deletes a file or an empty directory at once; a full one is put on the stack.</summary>
    private void Remove(Fd parent, byte[] name, FileKind? kind, ulong? device)
    {
        var path = PathZ.From(name);
        if (kind != FileKind.Directory)
        {
            var error = Unlink(parent, path, directory: false);
            if (error != Errno.EISDIR)
            {
                Note(name, error);
                return;
            }
        }

        var removed = Unlink(parent, path, directory: true);
        if (removed is not (Errno.ENOTEMPTY or Errno.EEXIST))
        {
            Note(name, removed);
            return;
        }

        var opened = TryOpen(parent, path, device, out var directory, out var ownDevice);
        if (opened != Errno.None)
        {
            Note(name, opened);
        }
        else if (_levels.Count < MaxDepth)
        {
            _levels.Push(new Level(parent, name, directory!, ownDevice));
        }
        else
        {
            directory!.Dispose();
            MoveUp(parent, name);
        }
    }

    private Errno Unlink(Fd parent, PathZ name, bool directory)
    {
        var size = _counts && FileSystem.TryStatus(parent, name, out var status) == Errno.None && (status.IsDirectory || status.Links == 1) ? status.Allocated : 0;
        var error = FileSystem.TryUnlink(parent, name, directory);
        if (error == Errno.None)
        {
            _freed += size;
            if (_levels.TryPeek(out var level))
            {
                level.HasChanged = true;
            }
        }

        return error;
    }

    /// <summary>To the top of the tree, under a new name; it will be found there.</summary>
    private void MoveUp(Fd parent, byte[] name)
    {
        var top = _levels.Last();
        var error = Errno.EEXIST;
        while (error is Errno.EEXIST or Errno.ENOTEMPTY or Errno.ENOTDIR)
        {
            var aside = System.Text.Encoding.ASCII.GetBytes($".orca-deeper-{_moved++}");
            error = FileSystem.TryStatus(top.Directory, PathZ.From(aside), out _) == Errno.None
                ? Errno.EEXIST
                : FileSystem.TryRename(parent, PathZ.From(name), top.Directory, PathZ.From(aside));
            if (error == Errno.None)
            {
                (top.HasChanged, _levels.Peek().HasChanged) = (true, true);
                return;
            }
        }

        Note(name, error);
    }

    private static Errno TryOpen(Fd parent, PathZ name, ulong? device, out Fd? directory, out ulong ownDevice)
    {
        var flags = O_DIRECTORY | O_NOFOLLOW;
        ownDevice = 0;
        var error = FileSystem.TryOpen(parent, name, O_RDONLY | flags, out directory);
        if (error == Errno.EACCES)
        {
            error = FileSystem.TryOpen(parent, name, O_PATH | flags, out var pinned);
            using (pinned)
            {
                // fchmod(2) takes no O_PATH descriptor; its name under /proc is the same inode and no link of the tree.
                error = error != Errno.None ? error : FileSystem.TrySetMode(pinned!, PathZ.From($"/proc/self/fd/{pinned!.Number}"), OwnerAll);
                error = error != Errno.None ? error : FileSystem.TryOpen(pinned!, PathZ.OfTerminated(".\0"u8), O_RDONLY | O_DIRECTORY, out directory);
            }
        }

        if (error != Errno.None)
        {
            return error;
        }

        var status = FileSystem.Status(directory!);
        ownDevice = status.Device;
        if (status.IsMountRoot || (device is { } above && above != status.Device))
        {
            directory!.Dispose();
            directory = null;
            return Errno.EBUSY;
        }

        if ((status.Permissions & OwnerAll) == OwnerAll)
        {
            return Errno.None;
        }

        error = FileSystem.TrySetMode(directory!, PathZ.OfTerminated(".\0"u8), OwnerAll);
        if (error != Errno.None)
        {
            directory!.Dispose();
            directory = null;
        }

        return error;
    }

    private void Note(byte[] name, Errno error)
    {
        if (error is not (Errno.None or Errno.ENOENT))
        {
            _failure ??= (Quoted.Name(name), error);
        }
    }

    private sealed class Level(Fd parent, byte[] name, Fd directory, ulong device) : IDisposable
    {
        private IEnumerator<(byte[] Name, FileKind? Kind)> _names = DirectoryReader.Read(directory).GetEnumerator();

        internal Fd Parent => parent;

        internal byte[] Name => name;

        internal Fd Directory => directory;

        internal ulong Device => device;

        /// <summary>Something went from here, or came, since the listing began.</summary>
        internal bool HasChanged { get; set; }

        internal bool TryNext(out byte[] child, out FileKind? kind)
        {
            var isThere = _names.MoveNext();
            (child, kind) = isThere ? _names.Current : ([], null);
            return isThere;
        }

        /// <summary>Lists it anew; false when that would show what the last listing showed.</summary>
        internal bool TryStartAgain()
        {
            if (!HasChanged)
            {
                return false;
            }

            HasChanged = false;
            _names.Dispose();
            FileSystem.Seek(directory, 0);
            _names = DirectoryReader.Read(directory).GetEnumerator();
            return true;
        }

        public void Dispose()
        {
            _names.Dispose();
            directory.Dispose();
        }
    }
}
