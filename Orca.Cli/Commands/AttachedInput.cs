using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Orca.Cli.Parsing;
using Orca.Core.Linux;

namespace Orca.Cli.Commands;

/// <summary>Hands this process's standard input to a detached container, by datagrams to its keeper (Child/journal.h), and the size of its terminal.</summary>
internal sealed class AttachedInput : IDisposable
{
    private const byte Bytes = 0, Size = 1; // enum orca_input_kind
    private const int ModesSize = 36;
    private const int WindowChanged = 28; // SIGWINCH
    private const nuint GetModes = 0x5401, SetModes = 0x5402; // TCGETS, TCSETS
    private readonly Socket _socket;
    private readonly DetachKeys? _keys;
    private readonly byte[]? _saved;
    private readonly PosixSignalRegistration[] _signals = [];
    private volatile bool _hasLeft;
    private volatile bool _isActive;

    private AttachedInput(Socket socket, bool isTerminal, DetachKeys? keys)
    {
        (_socket, _keys) = (socket, keys);
        if (isTerminal && StandardStreams.TerminalSize(0) is not null)
        {
            _saved = MakeRaw();
            SendSize();

            // A signal that ends 'orca attach' must leave the terminal as it was: the runtime ends the process after these have run.
            _signals =
            [
                PosixSignalRegistration.Create((PosixSignal)WindowChanged, _ => SendSize()),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => Restore()),
                PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Restore()),
                PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => Restore()),
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Restore()),
            ];
        }

        new Thread(Read) { IsBackground = true, Name = "orca input" }.Start();
    }

    /// <summary>Whether the user has typed the keys that leave.</summary>
    public bool HasLeft => _hasLeft;

    /// <summary>Begins to hand on; null where the keeper takes no input. Takes the directory over.</summary>
    public static AttachedInput? Open(Fd directory, bool isTerminal, DetachKeys? keys)
    {
        using (directory)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            try
            {
                // Short, wherever the store lies: the path of a socket has 108 bytes.
                socket.Connect(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Number}/input")));
                return new AttachedInput(socket, isTerminal, keys);
            }
            catch (SocketException)
            {
                socket.Dispose();
                return null;
            }
        }
    }

    /// <summary>Whether something was typed since the last call: an answer may be near.</summary>
    public bool TakeActivity()
    {
        var was = _isActive;
        _isActive = false;
        return was;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Restore();
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _socket.Dispose();
    }

    /// <summary>Gives the terminal the modes that it had.</summary>
    private unsafe void Restore()
    {
        if (_saved is not null)
        {
            fixed (byte* modes = _saved)
            {
                _ = Kernel.Ioctl(0, SetModes, (nint)modes);
            }
        }
    }

    /// <summary>cfmakeraw(3). Returns the modes that it had.</summary>
    private static unsafe byte[]? MakeRaw()
    {
        var saved = new byte[ModesSize];
        var raw = new byte[ModesSize];
        fixed (byte* modes = saved)
        {
            if (Kernel.Ioctl(0, GetModes, (nint)modes) != Errno.None)
            {
                return null;
            }
        }

        saved.CopyTo(raw, 0);
        var flags = MemoryMarshal.Cast<byte, uint>(raw.AsSpan(0, 16));
        flags[0] &= ~0x5EBu; // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
        flags[1] &= ~0x1u;   // OPOST
        flags[2] = (flags[2] & ~0x130u) | 0x30; // CSIZE PARENB; CS8
        flags[3] &= ~0x804Bu; // ECHO ECHONL ICANON ISIG IEXTEN
        (raw[17 + 6], raw[17 + 5]) = (1, 0); // VMIN, VTIME
        fixed (byte* modes = raw)
        {
            return Kernel.Ioctl(0, SetModes, (nint)modes) == Errno.None ? saved : null;
        }
    }

    private void SendSize()
    {
        if (StandardStreams.TerminalSize(0) is var (rows, columns))
        {
            var message = new byte[9];
            message[0] = Size;
            MemoryMarshal.Write(message.AsSpan(1), (ushort)rows);
            MemoryMarshal.Write(message.AsSpan(3), (ushort)columns);
            TrySend(message);
        }
    }

    private void Read()
    {
        using var input = Fd.Borrow(0);
        var message = new byte[4096];
        message[0] = Bytes;
        while (true)
        {
            int count;
            try
            {
                count = FileSystem.Read(input, message.AsSpan(1));
            }
            catch (LinuxException)
            {
                return;
            }

            if (count <= 0)
            {
                return; // as in docker, the container's input stays open for the next who attaches
            }

            var passed = _keys?.Filter(message.AsSpan(1, count)) ?? count;
            _isActive = true;
            if (passed > 0 && !TrySend(message.AsSpan(0, passed + 1)))
            {
                return;
            }

            if (_keys?.IsComplete == true)
            {
                _hasLeft = true;
                return;
            }
        }
    }

    private bool TrySend(ReadOnlySpan<byte> message)
    {
        try
        {
            _socket.Send(message);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false; // it has ended
        }
    }
}
