using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Tells what is damaged at one path of a store from what fails everywhere, and clears a path for a new file.</summary>
/// <remarks>
/// A restored backup, a command typed as root or a failing disk leaves files of other users, directories and pipes where orca's files were. Each of them
/// counts as damaged, and must not end what has nothing to do with it.
/// </remarks>
internal static class DamagedPath
{
    /// <summary>Begins the names of what was moved out of the way because it could not be deleted.</summary>
    internal const string Lost = ".lost-";

    /// <summary>True for the name of what was moved out of the way.</summary>
    internal static bool IsAside(ReadOnlySpan<byte> name) => name.StartsWith(".lost-"u8);

    /// <summary>Whether the error is about what is at the path. It is not when the process, or the whole file system, has run out of something.</summary>
    internal static bool IsAbout(Errno error) => error is Errno.EACCES or Errno.EPERM or Errno.EISDIR or Errno.ENOTDIR or Errno.ELOOP or Errno.ENXIO or Errno.ENODEV
        or Errno.EFBIG or Errno.EINVAL or Errno.EIO or Errno.ESTALE or Errno.EAGAIN;

    /// <summary>Whether the process or the machine has run out of something: a path that could not be read for that is neither damaged nor empty.</summary>
    internal static bool IsExhaustion(Errno error) => error is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM;

    /// <summary>Makes the way free for a file or a directory of this user: what is there is deleted, or renamed in its directory where its content cannot be.</summary>
    /// <returns>False when it is still there.</returns>
    internal static bool Clear(Fd root, string path)
    {
        if (TreeDeleter.TryDelete(root, path) is null)
        {
            return true;
        }

        return TrySetAside(root, path);
    }

    /// <summary>Renames what is at a path within its directory, where its content must stay.</summary>
    internal static bool TrySetAside(Fd root, string path)
    {
        var directory = path.LastIndexOf('/') is > 0 and var slash ? path[..(slash + 1)] : string.Empty;
        return FileSystem.TryRename(root, PathZ.From(path), root, PathZ.From($"{directory}{Lost}{Guid.NewGuid().ToString("N")[..16]}")) == Errno.None;
    }

    /// <summary>Gives a file or a directory of this user the permissions that it lacks to be used.</summary>
    /// <returns>False when it is not this user's, or of another kind, or lacked nothing.</returns>
    internal static bool TryReopen(Fd root, string path, FileKind kind)
    {
        var mode = kind == FileKind.Directory ? StorePaths.DirectoryMode : StorePaths.FileMode;
        return FileSystem.TryStatus(root, PathZ.From(path), out var status) == Errno.None && status.Kind == kind
            && status.Uid == CurrentUser.EffectiveUid && (status.Permissions & mode) != mode
            && FileSystem.TrySetMode(root, PathZ.From(path), status.Permissions | mode) == Errno.None;
    }

    /// <summary>Whether there is a file or directory of this user at the path, open to its owner.</summary>
    internal static bool IsUsable(Fd root, string path, FileKind kind)
    {
        var wanted = kind == FileKind.Directory ? StorePaths.DirectoryMode : StorePaths.FileMode;
        return FileSystem.TryStatus(root, PathZ.From(path), out var status) == Errno.None
            && status.Kind == kind && status.Uid == CurrentUser.EffectiveUid && (status.Permissions & wanted) == wanted;
    }

    /// <summary>What is wrong with a path that should be a file or directory of this user, in a few words; null when nothing is, or nothing is there.</summary>
    internal static string? Describe(Fd root, string path, FileKind kind)
    {
        var error = FileSystem.TryStatus(root, PathZ.From(path), out var status);
        if (error is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null; // the directory above tells
        }

        if (error != Errno.None)
        {
            return error.Describe();
        }

        if (status.Kind != kind)
        {
            return $"is a {Word(status.Kind)}, not a {Word(kind)}";
        }

        var wanted = kind == FileKind.Directory ? StorePaths.DirectoryMode : StorePaths.FileMode;
        return status.Uid != CurrentUser.EffectiveUid ? $"belongs to user {status.Uid}"
            : (status.Permissions & wanted) != wanted ? $"is closed to its owner (mode 0{Convert.ToString(status.Permissions, 8)})" : null;
    }

    /// <summary>A kind of file as a sentence names it.</summary>
    internal static string Word(FileKind kind) => kind switch
    {
        FileKind.Directory => "directory",
        FileKind.Regular => "regular file",
        FileKind.SymbolicLink => "symbolic link",
        FileKind.Fifo => "FIFO",
        FileKind.Socket => "socket",
        _ => "device",
    };
}
