using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <content>Descriptors that one thread uses while another may close them: each call holds the handle, so that its number cannot become another file's meanwhile.</content>
public static unsafe partial class FileSystem
{
    /// <summary>One read(2), repeated after EINTR only; 0 bytes at the end, EAGAIN where a non-blocking descriptor has nothing.</summary>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static Errno TryRead(Fd fd, Span<byte> buffer, out int count)
    {
        var held = false;
        fd.DangerousAddRef(ref held);
        try
        {
            fixed (byte* p = buffer)
            {
                do
                {
                    count = (int)Native.read(fd.Number, p, buffer.Length);
                }
                while (count < 0 && Call.LastErrno == Errno.EINTR);
                return count < 0 ? Call.LastErrno : Errno.None;
            }
        }
        finally
        {
            fd.DangerousRelease();
        }
    }

    /// <summary>One write(2), repeated after EINTR only; EAGAIN where a non-blocking descriptor takes nothing.</summary>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static Errno TryWrite(Fd fd, ReadOnlySpan<byte> bytes, out int count)
    {
        var held = false;
        fd.DangerousAddRef(ref held);
        try
        {
            fixed (byte* p = bytes)
            {
                do
                {
                    count = (int)Native.write(fd.Number, p, bytes.Length);
                }
                while (count < 0 && Call.LastErrno == Errno.EINTR);
                return count < 0 ? Call.LastErrno : Errno.None;
            }
        }
        finally
        {
            fd.DangerousRelease();
        }
    }

    /// <summary>A second descriptor of the same open file, close-on-exec and none of the three standard streams (F_DUPFD_CLOEXEC).</summary>
    /// <exception cref="LinuxException">EMFILE: the process has no descriptor left.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static Fd Duplicate(SafeHandle file)
    {
        const int duplicate = 1030, firstFree = 3; // F_DUPFD_CLOEXEC
        var held = false;
        file.DangerousAddRef(ref held);
        try
        {
            var number = Native.fcntl((int)file.DangerousGetHandle(), duplicate, firstFree);
            return number >= 0 ? new Fd(number) : throw new LinuxException("duplicate", "descriptor", Call.LastErrno);
        }
        finally
        {
            file.DangerousRelease();
        }
    }
}
