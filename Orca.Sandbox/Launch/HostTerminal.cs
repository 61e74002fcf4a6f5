using System.Runtime.InteropServices;
using Orca.Core.Linux;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>The caller's terminal on standard input: its size and modes, and raw mode for the time of a relay.</summary>
/// <remarks>termios(3), ioctl_tty(2). The kernel's struct termios has 36 bytes on x86-64 and arm64, of which the first 16 are the flag words.</remarks>
internal sealed class HostTerminal : IDisposable
{
    private const int ModesSize = 36;
    private const nuint GetModes = 0x5401;  // TCGETS
    private const nuint SetModes = 0x5402;  // TCSETS
    private const nuint SetModesDrained = 0x5403; // TCSETSW
    private const nuint GetSize = 0x5413;   // TIOCGWINSZ
    private byte[]? _saved;

    private HostTerminal(byte[] saved, byte[] raw) => (_saved, Raw) = (saved, raw);

    /// <summary>True when the descriptor is a terminal.</summary>
    internal static bool IsTerminal(int descriptor) => Modes(descriptor) is not null;

    /// <summary>Size of whichever standard stream is a terminal, and the modes of standard input.</summary>
    internal static TerminalFacts Facts()
    {
        var (rows, columns) = Size();
        return new TerminalFacts(rows, columns, Modes(0) ?? default(ReadOnlyMemory<byte>));
    }

    /// <summary>The current modes, as the child takes them; null when the descriptor is no terminal.</summary>
    internal static unsafe byte[]? Modes(int descriptor)
    {
        var modes = new byte[ModesSize];
        fixed (byte* p = modes)
        {
            return Kernel.Ioctl(descriptor, GetModes, (nint)p) == Errno.None ? modes : null;
        }
    }

    /// <summary>Height and width; 24 by 80 when no standard stream tells.</summary>
    internal static unsafe (ushort Rows, ushort Columns) Size()
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

    /// <summary>Makes standard input raw until the result is disposed; null when it is no terminal.</summary>
    internal static unsafe HostTerminal? MakeRaw()
    {
        if (Modes(0) is not { } saved)
        {
            return null;
        }

        // cfmakeraw(3)
        const uint input = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400; // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
        const uint output = 0x1;                                                  // OPOST
        const uint control = 0x30 | 0x100, eightBits = 0x30;                      // CSIZE PARENB; CS8
        const uint local = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000;                       // ECHO ECHONL ICANON ISIG IEXTEN
        const int minimum = 17 + 6, time = 17 + 5;                                // c_cc[VMIN], c_cc[VTIME]
        var raw = (byte[])saved.Clone();
        var flags = MemoryMarshal.Cast<byte, uint>(raw.AsSpan(0, 16));
        flags[0] &= ~input;
        flags[1] &= ~output;
        flags[2] = (flags[2] & ~control) | eightBits;
        flags[3] &= ~local;
        raw[minimum] = 1;
        raw[time] = 0;
        fixed (byte* p = raw)
        {
            Kernel.Ioctl(0, SetModes, (nint)p);
        }

        return new HostTerminal(saved, raw);
    }

    /// <summary>Raw mode, to be set once more after somebody else had the terminal.</summary>
    internal ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The modes as they were, which <see cref="Dispose"/> gives back.</summary>
    internal ReadOnlyMemory<byte> Saved => _saved;

    /// <summary>Gives the terminal back as it was.</summary>
    public unsafe void Dispose()
    {
        if (Interlocked.Exchange(ref _saved, null) is { } saved)
        {
            fixed (byte* p = saved)
            {
                Kernel.Ioctl(0, SetModesDrained, (nint)p);
            }
        }
    }
}
