using System.Buffers;
using static Tmds.Linux.LibC;

namespace Orca.Core.Linux;

/// <content>Reading, writing, extended attributes, locks, durability.</content>
public static unsafe partial class FileSystem
{
    /// <summary>read(2); 0 at the end.</summary>
    public static int Read(Fd fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                var count = Native.read(fd.Number, p, buffer.Length);
                if (count >= 0 || Call.LastErrno != Errno.EINTR)
                {
                    return (int)Call.Check(count, "read", fd);
                }
            }
        }
    }

    /// <summary>pread(2): reads at an offset and leaves the descriptor's position alone; 0 at the end.</summary>
    public static int ReadAt(Fd fd, Span<byte> buffer, long offset)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                var count = Native.pread(fd.Number, p, buffer.Length, offset);
                if (count >= 0 || Call.LastErrno != Errno.EINTR)
                {
                    return (int)Call.Check(count, "read", fd);
                }
            }
        }
    }

    /// <summary>pwrite(2), repeated until all is written at an offset; the descriptor's position stays.</summary>
    public static void WriteAt(Fd fd, ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* p = bytes)
            {
                var count = Native.pwrite(fd.Number, p, bytes.Length, offset);
                if (count < 0 && Call.LastErrno == Errno.EINTR)
                {
                    continue;
                }

                bytes = bytes[(int)Call.Check(count, "write", fd)..];
                offset += count;
            }
        }
    }

    /// <summary>write(2), repeated until all is written.</summary>
    public static void Write(Fd fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* p = bytes)
            {
                var count = Native.write(fd.Number, p, bytes.Length);
                if (count < 0 && Call.LastErrno == Errno.EINTR)
                {
                    continue;
                }

                bytes = bytes[(int)Call.Check(count, "write", fd)..];
            }
        }
    }

    /// <summary>One write(2), for files whose kernel side answers to it; no retry.</summary>
    public static Errno TryWriteSome(Fd fd, ReadOnlySpan<byte> bytes, out int count)
    {
        fixed (byte* p = bytes)
        {
            count = (int)Native.write(fd.Number, p, bytes.Length);
            return Result(count);
        }
    }

    /// <summary>Sets O_NONBLOCK on the open file.</summary>
    public static void SetNonBlocking(Fd fd)
    {
        const int getFlags = 3, setFlags = 4; // F_GETFL, F_SETFL
        var flags = Native.fcntl(fd.Number, getFlags, 0);
        Call.Check(Native.fcntl(fd.Number, setFlags, flags | O_NONBLOCK), "make non-blocking", fd);
    }

    /// <summary>lseek(2) to an absolute offset.</summary>
    public static void Seek(Fd fd, long offset) => Call.Check(Native.lseek(fd.Number, offset, 0), "seek", fd);

    /// <summary>ftruncate(2): cuts or grows with a hole.</summary>
    public static void SetLength(Fd fd, long length) => Call.Check(Native.ftruncate(fd.Number, length), "truncate", fd);

    /// <summary>The whole of a file that is at most <paramref name="limit"/> bytes.</summary>
    /// <param name="fd">The file, from its position on.</param>
    /// <param name="limit">The most bytes it may have.</param>
    /// <param name="expected">Its length as stat(2) told it; 0 when that says nothing. A read that ends there needs no second one to find the end.</param>
    /// <exception cref="LinuxException">EFBIG: it is larger.</exception>
    public static byte[] ReadAll(Fd fd, int limit, long expected = 0)
    {
        if (expected > 0 && expected < limit)
        {
            var whole = GC.AllocateUninitializedArray<byte>((int)expected + 1);
            var first = Read(fd, whole);
            if (first == expected)
            {
                return whole[..first];
            }

            var rest = first == 0 ? [] : ReadAll(fd, limit - first);
            return [.. whole.AsSpan(0, first), .. rest];
        }

        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var count = Read(fd, buffer.AsSpan(length));
                if (count == 0)
                {
                    return buffer.AsSpan(0, length).ToArray();
                }

                length += count;
                if (length > limit)
                {
                    throw new LinuxException("read", Call.Describe(fd), Errno.EFBIG);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>fsetxattr(2): creates or replaces.</summary>
    public static Errno TrySetXattr(Fd fd, PathZ name, ReadOnlySpan<byte> value)
    {
        fixed (byte* n = name.Terminated, v = value)
        {
            return Result(Native.fsetxattr(fd.Number, n, v, value.Length, 0));
        }
    }

    /// <summary>fremovexattr(2).</summary>
    public static Errno TryRemoveXattr(Fd fd, PathZ name)
    {
        fixed (byte* n = name.Terminated)
        {
            return Result(Native.fremovexattr(fd.Number, n));
        }
    }

    /// <summary>flistxattr(2): the names, each without its NUL; none where the file system has no attributes.</summary>
    public static IReadOnlyList<byte[]> ListXattrs(Fd fd)
    {
        var length = Native.flistxattr(fd.Number, null, 0); // most files have none: ask before making room
        var buffer = length > 0 ? GC.AllocateUninitializedArray<byte>(65536) : [];
        if (length > 0)
        {
            fixed (byte* p = buffer)
            {
                length = Native.flistxattr(fd.Number, p, buffer.Length);
            }
        }

        if (length <= 0)
        {
            return length == 0 || Call.LastErrno == Errno.EOPNOTSUPP ? [] : throw new LinuxException("list xattrs of", Call.Describe(fd), Call.LastErrno);
        }

        var names = new List<byte[]>();
        foreach (var range in buffer.AsSpan(0, (int)length - 1).Split((byte)0))
        {
            names.Add(buffer.AsSpan(range).ToArray());
        }

        return names;
    }

    /// <summary>fgetxattr(2); null when there is no such attribute.</summary>
    public static byte[]? GetXattr(Fd fd, PathZ name)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(65536);
        fixed (byte* n = name.Terminated, v = buffer)
        {
            var length = Native.fgetxattr(fd.Number, n, v, buffer.Length);
            return length >= 0
                ? buffer.AsSpan(0, (int)length).ToArray()
                : Call.LastErrno is Errno.ENODATA or Errno.EOPNOTSUPP ? null : throw new LinuxException("getxattr", name.ToString(), Call.LastErrno);
        }
    }

    /// <summary>flock(2): shared or exclusive, waiting or not; EAGAIN when somebody else holds it.</summary>
    /// <remarks>The lock belongs to the open file: it goes with its last descriptor, whatever kills the process.</remarks>
    public static Errno TryLock(Fd fd, bool exclusive, bool wait)
    {
        const int lockShared = 1, lockExclusive = 2, lockNonBlocking = 4;
        while (true)
        {
            var result = Native.flock(fd.Number, (exclusive ? lockExclusive : lockShared) | (wait ? 0 : lockNonBlocking));
            if (result == 0 || Call.LastErrno != Errno.EINTR)
            {
                return Result(result);
            }
        }
    }

    /// <summary>fsync(2). A failure is final: the kernel may have dropped the pages.</summary>
    public static void Sync(Fd fd) => Call.Check(Native.fsync(fd.Number), "fsync", fd);

    /// <summary>sync_file_range(2): the disk begins to take what was written to a file; nothing is waited for, and nothing promised.</summary>
    public static void BeginWriteback(Fd fd) => _ = Native.sync_file_range(fd.Number, 0, 0, 2 /* SYNC_FILE_RANGE_WRITE */);

    /// <summary>posix_fadvise(2): nobody will read these bytes soon, so memory need not keep them. What the disk does not have yet it begins to take.</summary>
    public static void ForgetCached(Fd fd, long offset, long length) => _ = Native.posix_fadvise(fd.Number, offset, length, 4 /* POSIX_FADV_DONTNEED */);

    /// <summary>syncfs(2): everything written to the file system that holds <paramref name="fd"/>.</summary>
    public static void SyncFileSystem(Fd fd) => Call.Check(Native.syncfs(fd.Number), "syncfs", fd);

    /// <summary>ioctl_ficlone(2): makes <paramref name="to"/> share the extents of <paramref name="from"/>.</summary>
    public static Errno TryClone(Fd from, Fd to)
    {
        const nuint ficlone = 0x40049409;
        return Result(Native.ioctl(to.Number, ficlone, from.Number));
    }

    /// <summary>chattr +T: directories made in this one have nothing to do with each other, and ext4 need not put them into one place. ENOTTY, EOPNOTSUPP: a file system that does not know it.</summary>
    /// <remarks>Source: ioctl_iflags(2). The calls are declared with a long, and Linux uses an int; FUSE goes by the declaration.</remarks>
    public static Errno TrySpreadDirectories(Fd directory)
    {
        const nuint getFlags = 0x80086601, setFlags = 0x40086602; // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS
        const long topOfHierarchies = 0x20000; // FS_TOPDIR_FL
        var flags = 0L;
        var error = Result(Native.ioctl(directory.Number, getFlags, (nint)(&flags)));
        if (error != Errno.None || (flags & topOfHierarchies) != 0)
        {
            return error;
        }

        flags |= topOfHierarchies;
        return Result(Native.ioctl(directory.Number, setFlags, (nint)(&flags)));
    }

    /// <summary>The file system that holds <paramref name="fd"/>: statfs(2).</summary>
    public static FileSystemState StateOf(Fd fd)
    {
        const int readOnly = 1, noExec = 8; // ST_RDONLY, ST_NOEXEC
        var raw = stackalloc nint[32]; // struct statfs: type, bsize, blocks, bfree, bavail, files, ffree, fsid, namelen, frsize, flags
        Call.Check(Native.fstatfs(fd.Number, raw), "statfs", fd);
        return new FileSystemState
        {
            Type = raw[0],
            FreeBytes = raw[4] * raw[1],
            TotalBytes = raw[2] * raw[1],
            FreeInodes = raw[6],
            TotalInodes = raw[5],
            IsReadOnly = (raw[10] & readOnly) != 0,
            IsNoExec = (raw[10] & noExec) != 0,
        };
    }

    /// <summary>Creates or replaces a small file durably: written aside, synced, renamed, directory synced.</summary>
    public static void WriteFileAtomically(Fd dir, string name, ReadOnlySpan<byte> content)
    {
        var aside = $".{name}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp";
        using (var file = Open(dir, PathZ.From(aside), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0x180 /* 0600 */))
        {
            Write(file, content);
            Sync(file);
        }

        Rename(dir, PathZ.From(aside), dir, PathZ.From(name));
        Sync(dir);
    }
}
