using System.Runtime.InteropServices;
using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>What the child says while it is set up, over a socket pair whose other end is close-on-exec.</summary>
/// <remarks>
/// <code>
///   child                                   parent
///                            &lt;------------  one byte           (only when the child waits for its id maps)
///   {Isolated}               ------------>  Isolated           (only when the parent wants to see the namespaces;
///                            &lt;------------  one byte            the child waits for that)
///   {Terminal} + descriptor  ------------>  MasterReceived     (only with a terminal, once)
///   {step, errno}            ------------>  Failed             (and the child is gone)
///   {Entered} + descriptor   ------------>  Entered            (the process that has joined a container; the one before it ends)
///   {Started}                ------------>  Started            (the init has started the command, and keeps its end)
///   {Ended, status}          ------------>  Ended              (of a command that has joined a container, and left processes behind)
///   end of file              ------------>  Started            (there is no init: exec closed the last copy)
/// </code>
/// Once the command runs, the loop beside it has the socket: Child/terminal.h says what for.
/// </remarks>
internal sealed class Handshake(Fd socket) : IDisposable
{
    private const int TurnSize = 40; // struct orca_turn

    /// <summary>The descriptor to poll; readable when <see cref="Read"/> has something to say.</summary>
    internal int Descriptor => socket.Number;

    /// <summary>Reads the next message.</summary>
    internal unsafe HandshakeMessage Read()
    {
        ChildReport report;
        var size = Receive(new Span<byte>(&report, sizeof(ChildReport)), out var descriptor);
        if (size == 0)
        {
            return new HandshakeMessage(HandshakeKind.Started);
        }

        if (size != sizeof(ChildReport))
        {
            descriptor?.Dispose();
            throw new LinuxException("understand", $"a report of {size} bytes, expected {sizeof(ChildReport)}", Errno.EINVAL);
        }

        return report.Step == ChildReport.Terminal ? new HandshakeMessage(HandshakeKind.MasterReceived, Master: descriptor)
            : report.Step == ChildReport.Started ? new HandshakeMessage(HandshakeKind.Started, HasInit: true)
            : report.Step == ChildReport.Entered ? new HandshakeMessage(HandshakeKind.Entered, Process: descriptor)
            : report.Step == ChildReport.Ended ? new HandshakeMessage(HandshakeKind.Ended, (int)report.Error)
            : report.Step == ChildReport.Isolated ? new HandshakeMessage(HandshakeKind.Isolated)
            : new HandshakeMessage(HandshakeKind.Failed, (int)report.Step, (Errno)report.Error);
    }

    /// <summary>A child that was killed with a turn that it had not read leaves a reset, which is its end too.</summary>
    private int Receive(Span<byte> message, out Fd? descriptor)
    {
        try
        {
            return Kernel.Receive(socket, message, out descriptor);
        }
        catch (LinuxException e) when (e.Errno == Errno.ECONNRESET)
        {
            descriptor = null;
            return 0;
        }
    }

    /// <summary>Ends a command that has joined a container, and all that descends from it.</summary>
    internal void End()
    {
        Span<byte> turn = stackalloc byte[TurnSize];
        turn.Clear();
        turn[0] = 3; // ORCA_TURN_END
        Kernel.Send(socket, turn);
    }

    /// <summary>Lets a child go on that waits.</summary>
    internal void LetGo() => Kernel.Send(socket, [1]);

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}

/// <summary>The kinds of <see cref="HandshakeMessage"/>.</summary>
internal enum HandshakeKind
{
    /// <summary>The command runs.</summary>
    Started,

    /// <summary>The terminal's master is here.</summary>
    MasterReceived,

    /// <summary>All namespaces are made, and nothing is in them yet.</summary>
    Isolated,

    /// <summary>A process has joined a container, and its descriptor is here.</summary>
    Entered,

    /// <summary>The command of such a process has ended, and left processes behind.</summary>
    Ended,

    /// <summary>A step failed.</summary>
    Failed,
}

/// <summary>One message of the child.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Step">The step that failed; of <see cref="HandshakeKind.Ended"/>, the exit status.</param>
/// <param name="Errno">Why it failed.</param>
/// <param name="Master">The terminal's master, where it is sent.</param>
/// <param name="Process">The process that has joined, where it is sent.</param>
/// <param name="HasInit">Whether the command has an init.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HandshakeMessage(HandshakeKind Kind, int Step = 0, Errno Errno = Errno.None, Fd? Master = null, Fd? Process = null, bool HasInit = false);
