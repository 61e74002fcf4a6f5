using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

#pragma warning disable SA1300, IDE1006, CA1707 // the names are those of the C library

/// <summary>Raw declarations of the calls that Tmds.LibC lacks or that take spans; nothing but <see cref="Orca.Core.Linux"/> may use them.</summary>
internal static unsafe partial class Native
{
    private const string C = "libc";

    [LibraryImport(C)]
    internal static partial int close(int fd);

    [LibraryImport(C)]
    internal static partial int dup2(int from, int to);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int openat(int dir, byte* path, int flags, uint mode);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int mkdirat(int dir, byte* path, uint mode);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int unlinkat(int dir, byte* path, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int symlinkat(byte* target, int dir, byte* path);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int linkat(int fromDir, byte* from, int toDir, byte* to, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int renameat(int fromDir, byte* from, int toDir, byte* to);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint readlinkat(int dir, byte* path, byte* buffer, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int mkfifoat(int dir, byte* path, uint mode);

    [LibraryImport(C, SetLastError = true)]
    internal static partial byte* getcwd(byte* buffer, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fchmod(int fd, uint mode);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fchmodat(int dir, byte* path, uint mode, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int utimensat(int dir, byte* path, long* times, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int futimens(int fd, long* times);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int ftruncate(int fd, long length);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fsync(int fd);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int syncfs(int fd);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int sync_file_range(int fd, long offset, long length, uint flags);

    [LibraryImport(C)]
    internal static partial int posix_fadvise(int fd, long offset, long length, int advice);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int flock(int fd, int operation);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint send(int fd, byte* buffer, nint count, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint read(int fd, byte* buffer, nint count);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint pread(int fd, byte* buffer, nint count, long offset);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint pwrite(int fd, byte* buffer, nint count, long offset);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint mmap(nint address, nint length, int protection, int flags, int fd, long offset);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int munmap(nint address, nint length);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint write(int fd, byte* buffer, nint count);

    [LibraryImport(C, SetLastError = true)]
    internal static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fsetxattr(int fd, byte* name, byte* value, nint size, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint flistxattr(int fd, byte* list, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint fgetxattr(int fd, byte* name, byte* value, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fremovexattr(int fd, byte* name);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fstatfs(int fd, nint* buffer);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, nint argument);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int pipe2(int* ends, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int poll(PollFd* entries, nuint count, int timeout);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int statx(int dir, byte* path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint recvmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int waitid(int kind, int id, int* info, int options);

    [LibraryImport(C)]
    internal static partial int posix_spawn(int* process, byte* path, nint files, nint attributes, byte** arguments, byte** variables);

    [LibraryImport(C)]
    internal static partial uint umask(uint mask);

    [LibraryImport(C)]
    internal static partial uint getuid();

    [LibraryImport(C)]
    internal static partial uint geteuid();

    [LibraryImport(C)]
    internal static partial uint getgid();

    [LibraryImport(C)]
    internal static partial uint getegid();

    [LibraryImport(C)]
    internal static partial int uname(byte* buffer);

    [LibraryImport(C)]
    internal static partial int personality(nuint persona);

    [LibraryImport(C)]
    internal static partial nuint getauxval(nuint type);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int execve(byte* path, byte** argv, byte** envp);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int setenv(byte* name, byte* value, int overwrite);

    [LibraryImport(C)]
    internal static partial int __nss_configure_lookup(byte* database, byte* services);

    [LibraryImport(C)]
    internal static partial int inet_pton(int family, byte* text, byte* address);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int faccessat(int dir, byte* path, int mode, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int epoll_ctl(int epoll, int operation, int fd, byte* entry);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int epoll_wait(int epoll, byte* entries, int count, int timeout);
}
