using Orca.Core.Linux;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>A container's first process, and the line to it.</summary>
/// <remarks>
/// It shares this process's memory until it has exec'ed: nothing that it uses may go before. So disposing it ends it, if nobody has waited for its end,
/// and what it uses is disposed after it.
/// </remarks>
internal sealed class ChildProcess(int id, Fd process, Handshake handshake) : IDisposable
{
    private bool _hasEnded;

    /// <summary>Starts the program of a plan that is no container's: it ends by itself. Null with the errno when the namespaces cannot be had.</summary>
    internal static unsafe ChildProcess? TryStart(SandboxPlan plan, EncodedProgram program, out Errno error)
    {
        var (ours, theirs) = Kernel.OpenSocketPair();
        using (theirs)
        {
            var pidfd = -1;
            var pid = ChildLibrary.Launch(program.Start(theirs.Number, parent: -1, stub: -1), (ulong)plan.Namespaces, &pidfd);
            error = pid < 0 ? (Errno)(-pid) : Errno.None;
            if (error == Errno.None)
            {
                return new ChildProcess((int)pid, new Fd(pidfd), new Handshake(ours));
            }
        }

        ours.Dispose();
        return null;
    }

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
