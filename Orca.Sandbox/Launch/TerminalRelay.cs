using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>Carries bytes between this process's standard streams and the master of the container's terminal.</summary>
/// <remarks>
/// What is typed waits in a buffer while the command does not read it, so output never stops because input is stuck. The master does not
/// block; standard output may, which is how a slow reader slows the command down.
/// </remarks>
internal sealed class TerminalRelay : IDisposable
{
    private const short Readable = 1, Writable = 4;
    private const byte EndOfInput = 4; // ^D
    private readonly Fd _master;
    private readonly Fd _input = Fd.Borrow(0);
    private readonly Fd _output = Fd.Borrow(1);
    private readonly byte[] _buffer = new byte[8192];
    private readonly byte[] _typed = new byte[4096];
    private int _typedLength;
    private bool _inputOpen;
    private bool _outputOpen = true;

    internal TerminalRelay(Fd master, bool passInput)
    {
        _master = master;
        _inputOpen = passInput;
        FileSystem.SetNonBlocking(master);
    }

    /// <summary>Fills in what to wait for: standard input and the master.</summary>
    internal void Prepare(ref PollFd input, ref PollFd master)
    {
        input.Fd = _inputOpen && _typedLength == 0 ? 0 : -1;
        input.Events = Readable;
        master.Fd = _master.Number;
        master.Events = (short)(Readable | (_typedLength > 0 ? Writable : 0));
    }

    /// <summary>Moves what is ready.</summary>
    internal void Carry(in PollFd input, in PollFd master)
    {
        if (input.Returned != 0)
        {
            ReadTyped();
        }

        if ((master.Returned & Writable) != 0 || _typedLength > 0)
        {
            PassTyped();
        }

        if ((master.Returned & ~Writable) != 0)
        {
            Show();
        }
    }

    /// <summary>Shows all that the dead container has printed.</summary>
    internal void Drain()
    {
        while (Show())
        {
        }
    }

    /// <summary>Gives the container's terminal the caller's size.</summary>
    internal void Resize() => HostTerminal.CopySize(_master);

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
        _master.Dispose();
    }

    private void ReadTyped()
    {
        try
        {
            _typedLength = FileSystem.Read(_input, _typed);
        }
        catch (LinuxException)
        {
            _typedLength = 0; // the terminal hung up
        }

        if (_typedLength == 0)
        {
            _inputOpen = false;
            _typed[0] = EndOfInput;
            _typedLength = 1;
        }
    }

    private void PassTyped()
    {
        var error = FileSystem.TryWriteSome(_master, _typed.AsSpan(0, _typedLength), out var count);
        if (error == Errno.None)
        {
            _typed.AsSpan(count, _typedLength - count).CopyTo(_typed);
            _typedLength -= count;
        }
        else if (error != Errno.EAGAIN)
        {
            _typedLength = 0;
            _inputOpen = false;
        }
    }

    private bool Show()
    {
        var error = FileSystem.TryReadSome(_master, _buffer, out var count);
        if (error != Errno.None || count == 0)
        {
            return false;
        }

        try
        {
            if (_outputOpen)
            {
                FileSystem.Write(_output, _buffer.AsSpan(0, count));
            }
        }
        catch (LinuxException)
        {
            _outputOpen = false; // nobody reads any more; the command may go on
        }

        return true;
    }
}
