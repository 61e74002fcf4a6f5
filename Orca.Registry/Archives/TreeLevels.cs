using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>The way from a tree's root to where a walker is. Of a deep way only the root and the last directories are open: the others are found again by their names.</summary>
internal sealed class TreeLevels : IDisposable
{
    private const int MaxOpen = 32;
    private static readonly int s_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

    private readonly List<TreeLevel> _levels = [];
    private readonly bool _isOurs;

    internal TreeLevels(TreeLevel root, bool isOurs)
    {
        _levels.Add(root);
        _isOurs = isOurs;
    }

    internal TreeLevel Top => _levels[^1];

    /// <summary>Whose the directory is that the top lies in; root's for the root.</summary>
    internal FileOwner OwnerAbove => _levels.Count > 1 ? _levels[^2].Owner : default;

    /// <summary>Enters a directory of the top; false when it is gone.</summary>
    internal bool TryPush(byte[] name, byte[] path, bool inUpper, bool inLower)
    {
        var upper = inUpper ? OpenReadable(Top.Upper!, PathZ.From(name), s_flags, _isOurs, path) : null;
        if (inUpper && upper is null)
        {
            return false;
        }

        var lower = inLower && (upper is null || !MergedTree.IsOpaque(upper)) ? OpenReadable(Top.Lower!, PathZ.From(name), s_flags, _isOurs, path) : null;
        if (upper is null && lower is null)
        {
            return false;
        }

        _levels.Add(new TreeLevel(name, path, upper, lower, Top.IsCopy, Top.OnlyChanges));
        if (_levels.Count - MaxOpen - 1 is > 0 and var far)
        {
            _levels[far].Dispose();
        }

        return true;
    }

    /// <summary>Leaves the top; false when it was the root.</summary>
    internal bool Pop()
    {
        Top.Dispose();
        _levels.RemoveAt(_levels.Count - 1);
        if (_levels.Count > 0 && !Top.IsOpen)
        {
            ReopenTop();
        }

        return _levels.Count > 0;
    }

    public void Dispose()
    {
        foreach (var level in _levels)
        {
            level.Dispose();
        }
    }

    /// <summary>The status of something that was opened so, with the permissions that it has otherwise.</summary>
    internal static FileStatus StatusOf(Fd opened)
    {
        var status = FileSystem.Status(opened);
        return opened.PermissionsAtEnd is { } permissions ? status with { Mode = (uint)status.Kind | permissions } : status;
    }

    /// <summary>Opens something to read it; null when it is gone or became something else.</summary>
    /// <param name="directory">Where it lies.</param>
    /// <param name="name">What it is called there.</param>
    /// <param name="flags">How.</param>
    /// <param name="mayUnlock">True: the permission to read is given where it is missing, until it is closed.</param>
    /// <param name="shown">How messages call it.</param>
    internal static Fd? OpenReadable(Fd directory, PathZ name, int flags, bool mayUnlock, byte[] shown)
    {
        var error = FileSystem.TryOpen(directory, name, flags, out var fd);
        if (error == Errno.EACCES && mayUnlock)
        {
            error = TryOpenLocked(directory, name, flags, out fd) is var unlocked and not Errno.EPERM ? unlocked : error; // EPERM: the store is another user's
        }

        return error switch
        {
            Errno.None => fd,
            Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.ENXIO => null,
            Errno.EACCES when mayUnlock => throw new StoreException(
                $"cannot read '{Quoted.Name(shown)}': {error.Describe()}", "in another user's store it is closed to others: pull the image into a store of your own"),
            _ => throw new StoreException($"cannot read '{Quoted.Name(shown)}': {error.Describe()}", new LinuxException("read", Quoted.Name(shown), error).Hint),
        };
    }

    private static Errno TryOpenLocked(Fd directory, PathZ name, int flags, out Fd? fd)
    {
        fd = null;
        var error = FileSystem.TryOpen(directory, name, O_PATH | O_NOFOLLOW, out var pinned);
        if (error != Errno.None)
        {
            return error;
        }

        using (pinned)
        {
            const uint read = 0x100, enter = 0x40;
            var self = PathZ.From($"/proc/self/fd/{pinned!.Number}");
            var status = FileSystem.Status(pinned);
            error = FileSystem.TrySetMode(directory, self, status.Permissions | read | (status.IsDirectory ? enter : 0));
            if (error == Errno.None)
            {
                error = FileSystem.TryOpen(null, self, flags & ~O_NOFOLLOW, out fd);
                if (fd is null)
                {
                    FileSystem.TrySetMode(directory, self, status.Permissions);
                }
                else
                {
                    fd.PermissionsAtEnd = status.Permissions; // names in a directory and attributes need them as long as it is read
                }
            }

            return error;
        }
    }

    /// <summary>Goes down from the root again and leaves the last directories open, so that going up a deep tree does this once for many levels.</summary>
    private void ReopenTop()
    {
        var (upper, lower) = (_levels[0].Upper, _levels[0].Lower);
        for (var i = 1; i < _levels.Count; i++)
        {
            var level = _levels[i];
            var name = PathZ.From(level.Name);
            var next = level.IsOpen ? (level.Upper, level.Lower)
                : (level.InUpper ? Reopen(upper!, name, level) : null, level.InLower ? Reopen(lower!, name, level) : null);
            if (!_levels[i - 1].IsOpen)
            {
                upper?.Dispose();
                lower?.Dispose();
            }

            (upper, lower) = next;
            if (i >= _levels.Count - MaxOpen)
            {
                level.Reopen(upper, lower);
            }
        }
    }

    private Fd Reopen(Fd directory, PathZ name, TreeLevel level) => OpenReadable(directory, name, s_flags, _isOurs, level.Path)
        ?? throw new StoreException($"cannot read '{Quoted.Name(level.Path)}': it was moved or removed meanwhile");
}
