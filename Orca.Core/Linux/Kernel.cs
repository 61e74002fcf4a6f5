using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <summary>Calls that are not about files: waiting, processes, sockets, devices.</summary>
public static unsafe class Kernel
{
    private const int PidfdOpen = 434;
    private const int PidfdSendSignal = 424;
    private const int WaitByPidfd = 3;      // P_PIDFD
    private const int Exited = 4;           // WEXITED
    private const int AllChildren = 0x40000000; // __WALL

    /// <summary>ioctl(2).</summary>
    public static Errno Ioctl(int descriptor, nuint request, nint argument) =>
        Native.ioctl(descriptor, request, argument) >= 0 ? Errno.None : Call.LastErrno;

    /// <summary>poll(2); the number of entries with news, 0 after the time-out (milliseconds, -1 for none). EINTR counts as 0.</summary>
    public static int Poll(Span<PollFd> entries, int timeout)
    {
        fixed (PollFd* p = entries)
        {
            var count = Native.poll(p, (nuint)entries.Length, timeout);
            return count >= 0 ? count : Call.LastErrno == Errno.EINTR ? 0 : throw new LinuxException("poll", "descriptors", Call.LastErrno);
        }
    }

    /// <summary>pipe2(2), close-on-exec.</summary>
    public static (Fd Reader, Fd Writer) OpenPipe()
    {
        var ends = stackalloc int[2];
        if (Native.pipe2(ends, Tmds.Linux.LibC.O_CLOEXEC) < 0)
        {
            throw new LinuxException("make", "pipe", Call.LastErrno);
        }

        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>Lets a descriptor outlive execve(2), or not; -1 is nothing.</summary>
    public static void SetCloseOnExec(int descriptor, bool closes)
    {
        if (descriptor >= 0)
        {
            Native.fcntl(descriptor, 2 /* F_SETFD */, closes ? 1 : 0);
        }
    }

    /// <summary>True for an open descriptor that the program before has given: those opened here are close-on-exec.</summary>
    public static bool IsInherited(int descriptor) => descriptor >= 0 && Native.fcntl(descriptor, 1 /* F_GETFD */, 0) == 0;

    /// <summary>socketpair(2) of Unix sockets that keep message boundaries, close-on-exec.</summary>
    public static (Fd First, Fd Second) OpenSocketPair()
    {
        const int unix = 1, sequentialPackets = 5, closeOnExec = 0x80000; // AF_UNIX, SOCK_SEQPACKET, SOCK_CLOEXEC
        var ends = stackalloc int[2];
        return Native.socketpair(unix, sequentialPackets | closeOnExec, 0, ends) < 0
            ? throw new LinuxException("make", "socket pair", Call.LastErrno)
            : (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>Sends one message; one that nobody can receive any more is dropped.</summary>
    public static void Send(Fd socket, ReadOnlySpan<byte> message)
    {
        const int noSignal = 0x4000; // MSG_NOSIGNAL
        fixed (byte* p = message)
        {
            while (Native.send(socket.Number, p, message.Length, noSignal) < 0 && Call.LastErrno == Errno.EINTR)
            {
            }
        }
    }

    /// <summary>recvmsg(2) of one message and at most one descriptor beside it (SCM_RIGHTS); 0 bytes at the end.</summary>
    public static int Receive(Fd socket, Span<byte> message, out Fd? descriptor)
    {
        const int controlSize = 24, rights = 1, solSocket = 1, closeOnExec = 0x40000000; // CMSG_SPACE(4), SCM_RIGHTS, SOL_SOCKET, MSG_CMSG_CLOEXEC
        var control = stackalloc byte[controlSize];
        descriptor = null;
        fixed (byte* p = message)
        {
            var part = stackalloc nint[2] { (nint)p, message.Length };
            var envelope = new MessageHeader { Parts = (nint)part, PartCount = 1, Control = (nint)control, ControlLength = controlSize };
            nint count;
            do
            {
                count = Native.recvmsg(socket.Number, &envelope, closeOnExec);
            }
            while (count < 0 && Call.LastErrno == Errno.EINTR);

            Call.Check(count, "receive from", socket);
            if (envelope.ControlLength >= 20 && *(int*)(control + 8) == solSocket && *(int*)(control + 12) == rights)
            {
                descriptor = new Fd(*(int*)(control + 16));
            }

            return (int)count;
        }
    }

    /// <summary>memfd_create(2): a file that lives in memory and can be executed; close-on-exec.</summary>
    public static Fd OpenMemoryFile(string name)
    {
        const int closeOnExec = 1;
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 279 : 319;
        fixed (byte* p = PathZ.From(name).Terminated)
        {
            var fd = Native.syscall(number, (nint)p, closeOnExec, 0, 0, 0, 0);
            return fd >= 0 ? new Fd((int)fd) : throw new LinuxException("make memory file", name, Call.LastErrno);
        }
    }

    /// <summary>The limit of this process's address space in bytes (getrlimit(2), RLIMIT_AS); null when there is none.</summary>
    public static ulong? AddressSpaceLimit()
    {
        const int addressSpace = 9;
        var limits = stackalloc ulong[2]; // struct rlimit: soft, hard
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 261 : 302; // prlimit64
        return Native.syscall(number, 0, addressSpace, 0, (nint)limits, 0, 0) == 0 && limits[0] != ulong.MaxValue ? limits[0] : null;
    }

    /// <summary>pidfd_open(2); null where the kernel lacks it or the process is gone.</summary>
    public static Fd? TryOpenProcess(int pid)
    {
        var number = Native.syscall(PidfdOpen, pid, 0, 0, 0, 0, 0);
        return number >= 0 ? new Fd((int)number) : null;
    }

    /// <summary>pidfd_send_signal(2).</summary>
    public static Errno TrySignal(Fd process, int signal) =>
        Native.syscall(PidfdSendSignal, process.Number, signal, 0, 0, 0, 0) >= 0 ? Errno.None : Call.LastErrno;

    /// <summary>waitid(2) by pidfd, for any kind of child: its exit status, or 128 + the signal that killed it.</summary>
    /// <remarks>
    /// Another part of the process that waits for all its children, or has them forgotten by ignoring SIGCHLD, can be quicker. Linux 6.15 and later still tell
    /// how the child ended (PIDFD_GET_INFO).
    /// </remarks>
    /// <exception cref="LinuxException">ECHILD: somebody else has waited for it, and the kernel is older.</exception>
    public static int WaitForExit(Fd process)
    {
        const int killed = 2, dumped = 3; // CLD_KILLED, CLD_DUMPED
        var info = stackalloc int[32]; // siginfo_t: signo, errno, code, pad, pid, uid, status
        while (Native.waitid(WaitByPidfd, process.Number, info, Exited | AllChildren) < 0)
        {
            var error = Call.LastErrno;
            if (error == Errno.ECHILD && TryTellExit(process) is { } status)
            {
                return status;
            }

            if (error != Errno.EINTR)
            {
                throw new LinuxException("wait for", "the container", error);
            }
        }

        return info[2] is killed or dumped ? 128 + info[6] : info[6];
    }

    private static int? TryTellExit(Fd process)
    {
        const nuint getInfo = 0xC040FF0B; // PIDFD_GET_INFO
        const ulong exit = 8;             // PIDFD_INFO_EXIT
        const int patience = 1000;        // whoever is quicker takes the child first, and notes how it ended a moment later
        var info = stackalloc ulong[8];   // struct pidfd_info: the mask first, the exit code, as wait(2) has it, in the last half word
        for (var attempt = 0; attempt < patience; attempt++)
        {
            new Span<ulong>(info, 8).Clear();
            info[0] = exit;
            if (Ioctl(process.Number, getInfo, (nint)info) is var error && error != Errno.None && error != Errno.ESRCH)
            {
                return null;
            }

            if (error == Errno.None && (info[0] & exit) != 0)
            {
                var code = ((int*)info)[15];
                return (code & 0x7f) != 0 ? 128 + (code & 0x7f) : (code >> 8) & 0xff;
            }

            Thread.Sleep(1);
        }

        return null;
    }
}

/// <summary>struct msghdr of recvmsg(2), 64-bit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public nint Name;
    public nint NameLength;
    public nint Parts;
    public nint PartCount;
    public nint Control;
    public nint ControlLength;
    public nint Flags;
}
