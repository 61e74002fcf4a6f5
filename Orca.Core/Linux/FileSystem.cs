using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Orca.Core.Linux;

/// <summary>File-system calls that work below a directory descriptor and take names as bytes.</summary>
/// <remarks>
/// Each method is the call of the same name in section 2 of the man pages, made checked: it throws <see cref="LinuxException"/>
/// where it failed, retries EINTR, and sets close-on-exec. A <c>Try</c> method answers the errno instead where failing is ordinary.
/// A null directory means the current one.
/// </remarks>
public static unsafe partial class FileSystem
{
    private const int NoFollow = 0x100;     // AT_SYMLINK_NOFOLLOW
    private const int RemoveDir = 0x200;    // AT_REMOVEDIR
    private const int EmptyPath = 0x1000;   // AT_EMPTY_PATH

    /// <summary>openat(2) with O_CLOEXEC; the last component is followed unless <paramref name="flags"/> say O_NOFOLLOW.</summary>
    public static Fd Open(Fd? dir, PathZ path, int flags, uint mode = 0)
    {
        var error = TryOpen(dir, path, flags, out var fd, mode);
        return error == Errno.None ? fd! : throw new LinuxException("open", path.ToString(), error);
    }

    /// <summary>As <see cref="Open(Fd?, PathZ, int, uint)"/>; answers the errno.</summary>
    public static Errno TryOpen(Fd? dir, PathZ path, int flags, out Fd? fd, uint mode = 0)
    {
        fixed (byte* p = path.Terminated)
        {
            while (true)
            {
                var number = Native.openat(At(dir), p, flags | O_CLOEXEC, mode);
                if (number >= 0)
                {
                    fd = new Fd(number);
                    return Errno.None;
                }

                if (Call.LastErrno != Errno.EINTR)
                {
                    fd = null;
                    return Call.LastErrno;
                }
            }
        }
    }

    /// <summary>Opens a directory for listing; a symbolic link as last component is refused.</summary>
    public static Fd OpenDirectory(Fd? dir, PathZ path) => Open(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

    /// <summary>mkdirat(2).</summary>
    public static Errno TryMakeDirectory(Fd? dir, PathZ path, uint mode)
    {
        fixed (byte* p = path.Terminated)
        {
            return Result(Native.mkdirat(At(dir), p, mode));
        }
    }

    /// <summary>mkdirat(2); an existing directory is fine when <paramref name="mayExist"/>.</summary>
    public static void MakeDirectory(Fd? dir, PathZ path, uint mode, bool mayExist = false)
    {
        var error = TryMakeDirectory(dir, path, mode);
        if (error != Errno.None && !(mayExist && error == Errno.EEXIST))
        {
            throw new LinuxException("mkdir", path.ToString(), error);
        }
    }

    /// <summary>unlinkat(2); <paramref name="directory"/> removes an empty directory instead of a file.</summary>
    public static Errno TryUnlink(Fd? dir, PathZ path, bool directory = false)
    {
        fixed (byte* p = path.Terminated)
        {
            return Result(Native.unlinkat(At(dir), p, directory ? RemoveDir : 0));
        }
    }

    /// <summary>symlinkat(2): makes <paramref name="path"/> point to <paramref name="target"/>, verbatim.</summary>
    public static Errno TrySymbolicLink(PathZ target, Fd? dir, PathZ path)
    {
        fixed (byte* t = target.Terminated, p = path.Terminated)
        {
            return Result(Native.symlinkat(t, At(dir), p));
        }
    }

    /// <summary>linkat(2): a second name for an inode; a symbolic link as source is linked itself, never followed.</summary>
    public static Errno TryHardLink(Fd? fromDir, PathZ from, Fd? toDir, PathZ to)
    {
        fixed (byte* f = from.Terminated, t = to.Terminated)
        {
            return Result(Native.linkat(At(fromDir), f, At(toDir), t, 0));
        }
    }

    /// <summary>renameat(2): replaces an existing file or empty directory atomically.</summary>
    public static Errno TryRename(Fd? fromDir, PathZ from, Fd? toDir, PathZ to)
    {
        fixed (byte* f = from.Terminated, t = to.Terminated)
        {
            return Result(Native.renameat(At(fromDir), f, At(toDir), t));
        }
    }

    /// <summary>renameat(2), throwing.</summary>
    public static void Rename(Fd? fromDir, PathZ from, Fd? toDir, PathZ to)
    {
        var error = TryRename(fromDir, from, toDir, to);
        if (error != Errno.None)
        {
            throw new LinuxException("rename", from.ToString(), error);
        }
    }

    /// <summary>mkfifoat(3).</summary>
    public static Errno TryMakeFifo(Fd? dir, PathZ path, uint mode)
    {
        fixed (byte* p = path.Terminated)
        {
            return Result(Native.mkfifoat(At(dir), p, mode));
        }
    }

    /// <summary>readlinkat(2): the target's bytes, at most 4095.</summary>
    public static byte[] ReadLink(PathZ path, Fd? dir = null)
    {
        var error = TryReadLink(path, out var target, dir);
        return error == Errno.None ? target : throw new LinuxException("readlink", path.ToString(), error);
    }

    /// <summary>readlinkat(2); EINVAL when there is something that is no symbolic link.</summary>
    public static Errno TryReadLink(PathZ path, out byte[] target, Fd? dir = null)
    {
        var buffer = stackalloc byte[4096];
        fixed (byte* p = path.Terminated)
        {
            var length = Native.readlinkat(At(dir), p, buffer, 4096);
            target = length >= 0 ? new ReadOnlySpan<byte>(buffer, (int)length).ToArray() : [];
            return length >= 0 ? Errno.None : Call.LastErrno;
        }
    }

    /// <summary>getcwd(3): the absolute path; ENOENT when the directory was deleted or lies outside the root.</summary>
    public static Errno TryCurrentDirectory(out byte[] path)
    {
        var buffer = stackalloc byte[4096];
        if (Native.getcwd(buffer, 4096) is null)
        {
            path = [];
            return Call.LastErrno;
        }

        path = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer).ToArray();
        return path is [(byte)'/', ..] ? Errno.None : Errno.ENOENT; // "(unreachable)/..."
    }

    /// <summary>fchmod(2).</summary>
    public static void SetMode(Fd fd, uint mode) => Call.Check(Native.fchmod(fd.Number, mode), "chmod", fd);

    /// <summary>chmod(2) of what an O_PATH descriptor names, by its name under /proc/self/fd.</summary>
    public static Errno TrySetMode(Fd dir, PathZ path, uint mode)
    {
        fixed (byte* p = path.Terminated)
        {
            return Result(Native.fchmodat(dir.Number, p, mode, 0));
        }
    }

    /// <summary>utimensat(2): access and modification time both; the last component is not followed.</summary>
    public static Errno TrySetTime(Fd? dir, PathZ path, (long Seconds, uint Nanoseconds) time)
    {
        var times = stackalloc long[4] { time.Seconds, time.Nanoseconds, time.Seconds, time.Nanoseconds };
        fixed (byte* p = path.Terminated)
        {
            return Result(Native.utimensat(At(dir), p, times, NoFollow));
        }
    }

    /// <summary>futimens(3): access and modification time both.</summary>
    public static Errno TrySetTime(Fd fd, (long Seconds, uint Nanoseconds) time)
    {
        var times = stackalloc long[4] { time.Seconds, time.Nanoseconds, time.Seconds, time.Nanoseconds };
        return Result(Native.futimens(fd.Number, times));
    }

    /// <summary>Whether this process may read or write the path, as access(2) sees it.</summary>
    public static Errno TryAccess(PathZ path, bool write)
    {
        const int currentDirectory = -100, writing = 2, reading = 4;
        fixed (byte* p = path.Terminated)
        {
            return Native.faccessat(currentDirectory, p, write ? writing : reading, 0) == 0 ? Errno.None : Call.LastErrno;
        }
    }

    /// <summary>statx(2) of a name; a symbolic link is not followed.</summary>
    public static Errno TryStatus(Fd? dir, PathZ path, out FileStatus status)
    {
        fixed (byte* p = path.Terminated)
        {
            return Statx(At(dir), p, NoFollow, out status);
        }
    }

    /// <summary>statx(2) of a name, throwing; a symbolic link is not followed.</summary>
    public static FileStatus Status(Fd? dir, PathZ path)
    {
        var error = TryStatus(dir, path, out var status);
        return error == Errno.None ? status : throw new LinuxException("stat", path.ToString(), error);
    }

    /// <summary>statx(2) of an open descriptor.</summary>
    public static Errno TryStatus(Fd fd, out FileStatus status)
    {
        byte empty = 0;
        return Statx(fd.Number, &empty, EmptyPath, out status);
    }

    /// <summary>statx(2) of an open descriptor, throwing.</summary>
    public static FileStatus Status(Fd fd)
    {
        var error = TryStatus(fd, out var status);
        return error == Errno.None ? status : throw new LinuxException("stat", Call.Describe(fd), error);
    }

    private static int At(Fd? dir) => dir?.Number ?? -100; // AT_FDCWD

    private static Errno Result(int result) => result >= 0 ? Errno.None : Call.LastErrno;

    private static Errno Statx(int dir, byte* path, int flags, out FileStatus status)
    {
        const uint basicStats = 0x7ff, born = 0x800; // STATX_BASIC_STATS, STATX_BTIME
        const ulong mountRoot = 0x2000; // STATX_ATTR_MOUNT_ROOT
        StatxBuffer raw;
        var error = Result(Native.statx(dir, path, flags, basicStats | born, &raw));
        status = error != Errno.None ? default : new FileStatus
        {
            Mode = raw.Mode,
            Uid = raw.Uid,
            Gid = raw.Gid,
            Size = (long)raw.Size,
            Allocated = (long)raw.Blocks * 512,
            Links = raw.Links,
            Inode = raw.Inode,
            Device = ((ulong)raw.DevMajor << 32) | raw.DevMinor,
            DeviceNumber = (raw.RdevMajor, raw.RdevMinor),
            Modified = (raw.Modified.Seconds, raw.Modified.Nanoseconds),
            Born = (raw.Mask & born) != 0 ? ((ulong)raw.Born.Seconds * 1_000_000_000) + raw.Born.Nanoseconds : 0,
            IsMountRoot = (raw.Attributes & mountRoot) != 0,
        };
        return error;
    }
}
