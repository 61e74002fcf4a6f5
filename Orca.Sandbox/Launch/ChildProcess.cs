using System.Globalization;
using Orca.Core.Host;
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
    private const int MaxInformation = 4096;
    private readonly Lock _gate = new();
    private int _id = id;
    private Fd _process = process;
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
    internal int Id => _id;

    internal Fd Process => _process;

    internal Handshake Handshake => handshake;

    /// <summary>Returns when it has ended: its exit status, or 128 + the signal that killed it.</summary>
    internal int WaitForExit()
    {
        var status = Kernel.WaitForExit(_process);
        _hasEnded = true;
        return status;
    }

    /// <summary>Kills it, from any thread, whichever process it is by now.</summary>
    internal void Kill()
    {
        lock (_gate)
        {
            Kernel.TrySignal(_process, SignalCatcher.Kill);
        }
    }

    /// <summary>From now on this is another child, which has gone on from the one before; that ends by itself.</summary>
    internal void GoOn(Fd next)
    {
        Fd before;
        lock (_gate)
        {
            (before, _process, _id) = (_process, next, IdOf(next));
        }

        using (before)
        {
            Kernel.TrySignal(before, SignalCatcher.Kill); // it has done what it had to, and could be stopped by somebody
            Kernel.WaitForExit(before);
        }
    }

    /// <summary>The number of a process that a descriptor refers to, as this process counts; 0 when it has ended.</summary>
    private static int IdOf(Fd process)
    {
        const string name = "Pid:";
        var text = HostFileReader.ReadDefault($"/proc/self/fdinfo/{process.Number}", MaxInformation).Text;
        var start = text.IndexOf(name, StringComparison.Ordinal) + name.Length;
        var end = start < name.Length ? -1 : text.IndexOf('\n', start);
        return end >= 0 && int.TryParse(text.AsSpan(start, end - start).Trim('\t'), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
    }

    /// <summary>It goes on without this program: disposing does not end it.</summary>
    internal void LetGo() => _hasEnded = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_hasEnded)
        {
            Kernel.TrySignal(_process, SignalCatcher.Kill);
            WaitForExit();
        }

        handshake.Dispose();
        _process.Dispose();
    }
}
