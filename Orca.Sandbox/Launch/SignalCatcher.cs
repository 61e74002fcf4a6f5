using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>Catches the signals that are meant for the command, and hands them out as bytes of a pipe.</summary>
/// <remarks>
/// One at a time in a process. Left alone are those that cannot be caught, those that a fault of the runtime's raises, SIGCHLD, SIGXFSZ, SIGTTIN and SIGTTOU
/// (orca itself must stop when it touches the terminal from the background), and 32 to 34, which libc and the .NET runtime use;
/// and what this process was started to ignore, as nohup(1) does.
/// A SIGPIPE, SIGTRAP or SIGSYS that this process has brought upon itself is not passed on either.
/// </remarks>
internal sealed class SignalCatcher : IDisposable
{
    internal const int Kill = 9;
    private static readonly ulong s_mask = ~MaskOf(4, 6, 7, 8, Kill, 11, 17, 19, 21, 22, 25, 32, 33, 34);
    private static int s_active;
    private readonly Fd _reader;
    private readonly Fd _writer;
    private readonly ulong _caught;

    internal SignalCatcher()
    {
        if (Interlocked.Exchange(ref s_active, 1) != 0)
        {
            throw new InvalidOperationException("signals of this process are passed to another container already");
        }

        (_reader, _writer) = Kernel.OpenPipe();
        FileSystem.SetNonBlocking(_writer); // a handler must not wait
        _caught = ChildLibrary.CatchSignals(s_mask, _writer.Number);
    }

    /// <summary>Where the signals' numbers are read, one byte each.</summary>
    internal Fd Reader => _reader;

    /// <inheritdoc/>
    public void Dispose()
    {
        ChildLibrary.ReleaseSignals(_caught);
        _reader.Dispose();
        _writer.Dispose();
        Volatile.Write(ref s_active, 0);
    }

    private static ulong MaskOf(params ReadOnlySpan<int> signals)
    {
        var mask = 0UL;
        foreach (var signal in signals)
        {
            mask |= 1UL << (signal - 1);
        }

        return mask;
    }
}
