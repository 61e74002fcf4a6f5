using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>Stays beside one container: hears its start, passes signals on, relays its terminal, and learns how it ended.</summary>
internal sealed class ContainerMonitor(SandboxSpec spec, SandboxPlan plan, ChildProcess child, SignalCatcher? signals, HostTerminal? terminal) : IDisposable
{
    private const int Report = 0, Exit = 1, Signals = 2, Input = 3, Master = 4, Entries = 5;
    private const short Readable = 1;
    private TerminalRelay? _relay;
    private bool _started;

    /// <summary>Returns when the container has ended: its exit status.</summary>
    /// <exception cref="Core.Errors.SandboxException">It could not be made, or its command not started.</exception>
    internal int WaitForExit()
    {
        try
        {
            return Watch();
        }
        catch
        {
            Kernel.TrySignal(child.Process, SignalCatcher.Kill);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _relay?.Dispose();

    private int Watch()
    {
        Span<PollFd> entries = stackalloc PollFd[Entries];
        while (true)
        {
            Prepare(entries);
            if (Kernel.Poll(entries, -1) == 0)
            {
                continue;
            }

            if (entries[Signals].Returned != 0)
            {
                PassSignal(signals!.Next());
            }

            _relay?.Carry(entries[Input], entries[Master]);
            if (entries[Report].Returned != 0)
            {
                Hear(child.Handshake.Read());
            }
            else if (entries[Exit].Returned != 0)
            {
                // A launch on another thread may hold a copy of the line for a moment: its end is yet to come.
                while (!_started)
                {
                    Hear(child.Handshake.Read());
                }

                _relay?.Drain();
                return Kernel.WaitForExit(child.Process);
            }
        }
    }

    private void Prepare(Span<PollFd> entries)
    {
        entries.Clear();
        entries[Report] = new PollFd { Fd = _started ? -1 : child.Handshake.Descriptor, Events = Readable };
        entries[Exit] = new PollFd { Fd = child.Process.Number, Events = Readable };
        entries[Signals] = new PollFd { Fd = signals?.Descriptor ?? -1, Events = Readable };
        entries[Input].Fd = entries[Master].Fd = -1;
        _relay?.Prepare(ref entries[Input], ref entries[Master]);
    }

    private void Hear(HandshakeMessage message)
    {
        switch (message.Kind)
        {
            case HandshakeKind.Started:
                _started = true;
                break;
            case HandshakeKind.MasterReceived:
                _relay = new TerminalRelay(message.Master!, spec.PassInput);
                break;
            default:
                Kernel.WaitForExit(child.Process);
                throw LaunchFailure.OfStep(spec, plan, message.Step, message.Errno);
        }
    }

    private void PassSignal(int signal)
    {
        if (signal == SignalCatcher.WindowChange && _relay is not null)
        {
            _relay.Resize(); // the kernel signals the programs behind it
            return;
        }

        if (signal == SignalCatcher.Continue && terminal is not null)
        {
            terminal.MakeRawAgain(); // the shell has set its own modes meanwhile
            _relay?.Resize();
        }

        Kernel.TrySignal(child.Process, signal);
    }
}
