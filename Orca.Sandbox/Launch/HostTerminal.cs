using Orca.Core.Linux;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>The caller's terminal: whose it is, its size, and its modes as a new terminal takes them over.</summary>
/// <remarks>termios(3), ioctl_tty(2). Child/terminal.c makes it raw for the time of a relay, and gives it back.</remarks>
internal static class HostTerminal
{
    /// <summary>Of the kernel's struct termios on x86-64 and arm64.</summary>
    internal const int ModesSize = 36;

    private const nuint GetModes = 0x5401;  // TCGETS
    private const nuint GetSize = 0x5413;   // TIOCGWINSZ

    /// <summary>True when the descriptor is a terminal.</summary>
    internal static bool IsTerminal(int descriptor) => Modes(descriptor) is not null;

    /// <summary>Size of whichever standard stream is a terminal, and the modes of standard input.</summary>
    internal static TerminalFacts Facts()
    {
        var (rows, columns) = Size();
        return new TerminalFacts(rows, columns, Modes(0) ?? default(ReadOnlyMemory<byte>)) { InForeground = ChildLibrary.InForeground() != 0 };
    }

    /// <summary>The current modes; null when the descriptor is no terminal.</summary>
    private static unsafe byte[]? Modes(int descriptor)
    {
        var modes = new byte[ModesSize];
        fixed (byte* p = modes)
        {
            return Kernel.Ioctl(descriptor, GetModes, (nint)p) == Errno.None ? modes : null;
        }
    }

    /// <summary>Height and width; 24 by 80 when no standard stream tells.</summary>
    private static unsafe (ushort Rows, ushort Columns) Size()
    {
        var size = stackalloc ushort[4];
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (Kernel.Ioctl(descriptor, GetSize, (nint)size) == Errno.None)
            {
                return (size[0], size[1]);
            }
        }

        return (24, 80);
    }
}
