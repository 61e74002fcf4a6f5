namespace Orca.Core.Linux;

/// <summary>Descriptors 0, 1 and 2, which this process inherits and never closes.</summary>
public static unsafe class StandardStreams
{
    private const int InputNumber = 0, OutputNumber = 1, ErrorNumber = 2;
    private const int GetFlags = 1;          // F_GETFD
    private const int GetAccess = 3;         // F_GETFL
    private const int AccessMask = 3;        // O_ACCMODE
    private const int ReadOnly = 0;          // O_RDONLY
    private const int ReadWrite = 2;         // O_RDWR
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ
    private const int CurrentDirectory = -100;

    /// <summary>Opens /dev/null where one of the three is closed, so that no file opened later is mistaken for it.</summary>
    /// <remarks>
    /// A set-uid program that skips this writes its messages into its data (glibc does it only for AT_SECURE). Best effort: without /dev/null nothing is done.
    /// Standard output is opened for reading only: results that nobody gets are an error (EBADF), in each program that this one becomes, too.
    /// </remarks>
    public static void EnsureOpen()
    {
        for (var number = InputNumber; number <= ErrorNumber; number++)
        {
            if (Native.fcntl(number, GetFlags, 0) >= 0)
            {
                continue;
            }

            // Not close-on-exec, as a standard stream; the kernel gives the lowest free number, which is this one.
            fixed (byte* path = "/dev/null\0"u8)
            {
                if (Native.openat(CurrentDirectory, path, number == OutputNumber ? ReadOnly : ReadWrite, 0) != number)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Gives a command the standard output that <see cref="EnsureOpen"/> left unwritable: what it prints goes nowhere, and is no error of its own.</summary>
    public static void DiscardClosedOutput()
    {
        if (IsOutputClosed)
        {
            fixed (byte* path = "/dev/null\0"u8)
            {
                var file = Native.openat(CurrentDirectory, path, ReadWrite, 0);
                if (file >= 0)
                {
                    _ = Native.dup2(file, OutputNumber);
                    _ = Native.close(file);
                }
            }
        }
    }

    /// <summary>Whether standard output can only be read, as <see cref="EnsureOpen"/> leaves one that was closed.</summary>
    private static bool IsOutputClosed => Native.fcntl(OutputNumber, GetAccess, 0) is >= 0 and var flags && (flags & AccessMask) == ReadOnly
        && FileSystem.TryStatus(Fd.Borrow(OutputNumber), out var status) == Errno.None && status is { Kind: FileKind.CharDevice, DeviceNumber: (1, 3) };

    /// <summary>The size of the terminal behind a descriptor; null when it is no terminal.</summary>
    /// <remarks>A terminal that does not know its size answers zeros.</remarks>
    public static (int Rows, int Columns)? TerminalSize(int number)
    {
        var size = stackalloc ushort[4]; // struct winsize: rows, columns, and two in pixels
        return Native.ioctl(number, GetWindowSize, (nint)size) == 0 ? (size[0], size[1]) : null;
    }

    /// <summary>write(2) to a standard stream, repeated until all is written; answers the errno.</summary>
    /// <remarks>A non-blocking stream (a parent may have made it so) is waited for with poll(2).</remarks>
    public static Errno TryWrite(int number, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* p = bytes)
            {
                var count = Native.write(number, p, bytes.Length);
                if (count >= 0)
                {
                    bytes = bytes[(int)count..];
                    continue;
                }
            }

            switch (Call.LastErrno)
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN:
                    var entry = new PollFd { Fd = number, Events = 4 };
                    _ = Native.poll(&entry, 1, -1);
                    break;
                case var error:
                    return error;
            }
        }

        return Errno.None;
    }
}
