using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Orca.Core.Linux;

/// <content>Opening below a root, with openat2(2).</content>
public static unsafe partial class FileSystem
{
    private const int OpenAt2 = 437;

    /// <summary>True once openat2 answered ENOSYS or EPERM: an old kernel, or a seccomp filter around us.</summary>
    private static volatile bool s_withoutOpenAt2;

    /// <summary>
    /// Opens <paramref name="path"/> as a process chrooted into <paramref name="root"/> would: absolute links and <c>..</c> stay inside.
    /// </summary>
    /// <remarks>
    /// openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS. Where the kernel lacks it, <see cref="InRootWalker"/> does the same by hand.
    /// EAGAIN (something was renamed meanwhile) is retried 64 times. The last component is followed unless <paramref name="flags"/> say O_NOFOLLOW.
    /// An empty path is the root itself.
    /// </remarks>
    public static Errno TryOpenInRoot(Fd root, PathZ path, int flags, out Fd? fd, uint mode = 0)
    {
        if (s_withoutOpenAt2)
        {
            return InRootWalker.TryOpen(root, path.Bytes, flags, out fd, mode);
        }

        const ulong noMagicLinks = 0x02, inRoot = 0x10;
        var how = new OpenHow { Flags = (uint)(flags | O_CLOEXEC), Mode = mode, Resolve = inRoot | noMagicLinks };
        var error = Errno.EAGAIN;
        fixed (byte* p = path.Bytes.IsEmpty ? ".\0"u8 : path.Terminated)
        {
            for (var attempt = 0; attempt < 64 && error is Errno.EAGAIN or Errno.EINTR; attempt++)
            {
                var number = Native.syscall(OpenAt2, root.Number, (nint)p, (nint)(&how), sizeof(OpenHow), 0, 0);
                if (number >= 0)
                {
                    fd = new Fd((int)number);
                    return Errno.None;
                }

                error = Call.LastErrno;
            }
        }

        if (error is Errno.ENOSYS or Errno.EPERM)
        {
            var byHand = InRootWalker.TryOpen(root, path.Bytes, flags, out fd, mode);
            s_withoutOpenAt2 = byHand == Errno.None || error == Errno.ENOSYS;
            return byHand;
        }

        fd = null;
        return error;
    }

    /// <summary>As <see cref="TryOpenInRoot"/>, throwing.</summary>
    public static Fd OpenInRoot(Fd root, PathZ path, int flags, uint mode = 0)
    {
        var error = TryOpenInRoot(root, path, flags, out var fd, mode);
        return error == Errno.None ? fd! : throw new LinuxException("open", path.ToString(), error);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
