using System.Runtime.InteropServices;

namespace Orca.Sandbox.Planning;

/// <summary>Modes of a terminal, as the kernel has them (termios(3)): four flag words, the line discipline, the keys.</summary>
internal static class TerminalModes
{
    private const uint Icrnl = 0x100, Opost = 0x1, Isig = 0x1, Icanon = 0x2, Tostop = 0x100;

    // As of 'stty sane'.
    private const uint SaneInput = 0x2 | Icrnl | 0x400 | 0x2000;             // BRKINT ICRNL IXON IMAXBEL
    private const uint OddInput = 0x1 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80;     // IGNBRK PARMRK INPCK ISTRIP INLCR IGNCR
    private const uint SaneOutput = Opost | 0x4;                             // OPOST ONLCR
    private const uint SaneLocal = Isig | Icanon | 0x8 | 0x10 | 0x20 | 0x200 | 0x800 | 0x8000; // ISIG ICANON ECHO ECHOE ECHOK ECHOCTL ECHOKE IEXTEN
    private const uint OddLocal = 0x40 | 0x80;                               // ECHONL NOFLSH

    /// <summary>The modes that a new terminal gets from the caller's: its own, where a program can be started with them; sane ones with its keys, where it is raw.</summary>
    /// <remarks>
    /// Whoever starts orca may have made the terminal raw: an editor, a terminal multiplexer, the line editor of a shell that starts a job in the background.
    /// TOSTOP stays outside: all output goes to the caller's terminal, which stops a job for it, and only as long as the mode is set there.
    /// </remarks>
    internal static byte[] Cooked(ReadOnlySpan<byte> modes)
    {
        var cooked = modes.ToArray();
        var flags = MemoryMarshal.Cast<byte, uint>(cooked.AsSpan(0, 16));
        flags[3] &= ~Tostop;
        if ((flags[0] & Icrnl) == 0 || (flags[1] & Opost) == 0 || (flags[3] & (Isig | Icanon)) != (Isig | Icanon))
        {
            flags[0] = (flags[0] & ~OddInput) | SaneInput;
            flags[1] |= SaneOutput;
            flags[3] = (flags[3] & ~OddLocal) | SaneLocal;
        }

        return cooked;
    }
}
