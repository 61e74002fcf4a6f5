namespace Orca.Core.Linux;

/// <summary>The error numbers of Linux that orca names or acts on (errno(3); x86-64 and arm64 agree on these).</summary>
public enum Errno
{
#pragma warning disable CS1591 // the names are the documentation: errno(3)
    None = 0, EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, ENOEXEC = 8, EBADF = 9,
    ECHILD = 10, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, ENOTBLK = 15, EBUSY = 16, EEXIST = 17, EXDEV = 18,
    ENODEV = 19, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENFILE = 23, EMFILE = 24, ENOTTY = 25, ETXTBSY = 26,
    EFBIG = 27, ENOSPC = 28, ESPIPE = 29, EROFS = 30, EMLINK = 31, EPIPE = 32, EDOM = 33, ERANGE = 34, EDEADLK = 35,
    ENAMETOOLONG = 36, ENOLCK = 37, ENOSYS = 38, ENOTEMPTY = 39, ELOOP = 40, ENODATA = 61, EOVERFLOW = 75, EUSERS = 87,
    ENOTSOCK = 88, EOPNOTSUPP = 95, EADDRINUSE = 98, ECONNRESET = 104, ETIMEDOUT = 110, ECONNREFUSED = 111,
    ESTALE = 116, EDQUOT = 122,
#pragma warning restore CS1591
}

/// <summary>How an error number is said to people.</summary>
public static class ErrnoText
{
    /// <summary>Name and words, as in <c>EPERM (operation not permitted)</c>.</summary>
    public static string Describe(this Errno errno)
    {
        var name = Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
        return Words(errno) is { } words ? $"{name} ({words})" : name;
    }

    private static string? Words(Errno errno) => errno switch
    {
        Errno.EPERM => "operation not permitted",
        Errno.ENOENT => "no such file or directory",
        Errno.ESRCH => "no such process",
        Errno.EINTR => "interrupted",
        Errno.EIO => "input/output error",
        Errno.ENXIO => "no such device or address",
        Errno.E2BIG => "argument list too long",
        Errno.ENOEXEC => "not an executable format of this machine",
        Errno.EBADF => "bad file descriptor",
        Errno.ECHILD => "no child processes",
        Errno.EAGAIN => "resource temporarily unavailable",
        Errno.ENOMEM => "out of memory",
        Errno.EACCES => "permission denied",
        Errno.EFAULT => "bad address",
        Errno.EBUSY => "device or resource busy",
        Errno.EEXIST => "file exists",
        Errno.EXDEV => "on another file system",
        Errno.ENODEV => "no such device",
        Errno.ENOTDIR => "not a directory",
        Errno.EISDIR => "is a directory",
        Errno.EINVAL => "invalid argument",
        Errno.ENFILE => "too many open files in the system",
        Errno.EMFILE => "too many open files",
        Errno.ENOTTY => "not a terminal",
        Errno.ETXTBSY => "text file busy",
        Errno.EFBIG => "file too large",
        Errno.ENOSPC => "no space left on device",
        Errno.ESPIPE => "cannot seek",
        Errno.EROFS => "read-only file system",
        Errno.EMLINK => "too many links",
        Errno.EPIPE => "broken pipe",
        Errno.ERANGE => "out of range",
        Errno.ENAMETOOLONG => "file name too long",
        Errno.ENOLCK => "no locks available",
        Errno.ENOSYS => "not implemented by this kernel",
        Errno.ENOTEMPTY => "directory not empty",
        Errno.ELOOP => "too many levels of symbolic links",
        Errno.ENODATA => "no data",
        Errno.EOVERFLOW => "value too large",
        Errno.EUSERS => "too many user namespaces",
        Errno.EOPNOTSUPP => "not supported",
        Errno.ESTALE => "stale file handle",
        Errno.EDQUOT => "disk quota exceeded",
        _ => null,
    };
}
