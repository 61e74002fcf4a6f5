using System.Runtime.InteropServices;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Cli.Commands;

/// <summary>The user at the terminal of this process, whatever standard input is.</summary>
/// <remarks>termios(3): the kernel's struct has 36 bytes on x86-64 and arm64, of which the fourth word holds the local flags.</remarks>
internal sealed class TerminalInput : IUserInput
{
    private const int ModesSize = 36, LocalFlags = 3;
    private const uint Echo = 0x8;
    private const nuint GetModes = 0x5401, SetModesFlushed = 0x5404; // TCGETS, TCSETSF
    private const int MaxLine = 64 * 1024;

    /// <inheritdoc/>
    public string? Ask(string question)
    {
        using var terminal = Open();
        return terminal is null ? null : Ask(terminal, question);
    }

    /// <inheritdoc/>
    public string? AskSecret(string question)
    {
        using var terminal = Open();
        if (terminal is null)
        {
            return null;
        }

        var before = new byte[ModesSize];
        if (Call(terminal, GetModes, before) != Errno.None)
        {
            return null;
        }

        var silent = (byte[])before.Clone();
        MemoryMarshal.Cast<byte, uint>(silent.AsSpan(0, 16))[LocalFlags] &= ~Echo;

        // Who ends the program at the question gets his terminal back as it was: the runtime ends it after these have run.
        void Restore() => Call(terminal, SetModesFlushed, before);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Restore());
        using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Restore());
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => Restore());
        Call(terminal, SetModesFlushed, silent);
        try
        {
            return Ask(terminal, question);
        }
        finally
        {
            Restore();
            FileSystem.Write(terminal, "\n"u8);
        }
    }

    /// <inheritdoc/>
    public byte[] ReadAll(int limit)
    {
        // The descriptor itself: opening it anew through /proc needs rights that who inherits a pipe may lack.
        using var input = Fd.Borrow(0);
        var bytes = new byte[limit + 1];
        var length = 0;
        for (int count; length < bytes.Length && (count = FileSystem.Read(input, bytes.AsSpan(length))) > 0;)
        {
            length += count;
        }

        return length <= limit ? bytes[..length] : throw new ReferenceException($"cannot read standard input: it is longer than {limit} bytes");
    }

    private static Fd? Open() => FileSystem.TryOpen(null, PathZ.From("/dev/tty"), O_RDWR | O_NOCTTY, out var terminal) == Errno.None ? terminal : null;

    private static string Ask(Fd terminal, string question)
    {
        FileSystem.Write(terminal, NativeText.Encode(question));
        var line = new List<byte>();
        Span<byte> one = stackalloc byte[1];
        while (line.Count < MaxLine && FileSystem.Read(terminal, one) > 0 && one[0] != '\n')
        {
            line.Add(one[0]);
        }

        return NativeText.Decode([.. line]);
    }

    private static unsafe Errno Call(Fd terminal, nuint request, byte[] modes)
    {
        fixed (byte* p = modes)
        {
            return Kernel.Ioctl(terminal.Number, request, (nint)p);
        }
    }
}
