using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>A container's first process, and the line to it.</summary>
/// <remarks>
/// It shares this process's memory until it has exec'ed: nothing that it uses may go before. So disposing it ends it, if nobody has waited for its end,
/// and what it uses is disposed after it.
/// </remarks>
internal sealed class ChildProcess(int id, Fd process, Handshake handshake) : IDisposable
{
    private bool _hasEnded;

    /// <summary>As the host counts.</summary>
    internal int Id => id;

    internal Fd Process => process;

    internal Handshake Handshake => handshake;

    /// <summary>Returns when it has ended: its exit status, or 128 + the signal that killed it.</summary>
    internal int WaitForExit()
    {
        var status = Kernel.WaitForExit(process);
        _hasEnded = true;
        return status;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_hasEnded)
        {
            Kernel.TrySignal(process, SignalCatcher.Kill);
            WaitForExit();
        }

        handshake.Dispose();
        process.Dispose();
    }
}
