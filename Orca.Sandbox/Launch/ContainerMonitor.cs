using System.Runtime.InteropServices;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>Stays beside one container: hears its start, has signals and bytes carried, and learns how it ended.</summary>
internal sealed class ContainerMonitor(
    SandboxSpec spec, SandboxPlan plan, SandboxRunOptions options, ChildProcess child, SignalCatcher? signals, Fd stub)
{
    private readonly TimeKeeper? _time = options.Limit is { } limit ? new TimeKeeper(limit) : null;
    private bool _started;

    /// <summary>Returns when the container has ended: its exit status.</summary>
    /// <exception cref="Core.Errors.SandboxException">It could not be made, or its command not started.</exception>
    internal unsafe int WaitForExit(ContainerStreams streams)
    {
        // Not on the stack: most of its three pages are never touched.
        var keep = (Keep*)NativeMemory.AllocZeroed((nuint)sizeof(Keep));
        keep->Process = child.Process.Number;
        keep->Report = child.Handshake.Descriptor;
        keep->Turns = -1;
        keep->Signals = signals?.Reader.Number ?? -1;
        keep->Input = -1;
        streams.MoveTo(keep);
        Attach(keep, options.Journal);
        try
        {
            options.Launched?.Invoke();
            return Watch(keep);
        }
        finally
        {
            ChildLibrary.GiveTerminal(keep);
            Close(keep->InputTo);
            Close(keep->IsTerminal != 0 ? -1 : keep->Output.From); // the same descriptor as what is typed goes to
            Close(keep->Error.From);
            Close(keep->Keys > 2 ? keep->Keys : -1);
            Close(keep->Slave > 2 ? keep->Slave : -1);
            Close(keep->Output.To > 2 ? keep->Output.To : -1);
            Close(keep->Error.To > 2 ? keep->Error.To : -1);
            Close(keep->Journal.Log > 2 ? keep->Journal.Log : -1);
            Close(keep->Journal.Input > 2 ? keep->Journal.Input : -1);
            NativeMemory.Free(keep);
        }
    }

    private unsafe int Watch(Keep* keep)
    {
        var handover = Handover.Of(options);
        while (true)
        {
            var untilHandover = _started && handover is not null ? handover.Delay : -1;
            var untilEnd = _started && _time is not null ? _time.Left : -1;
            var limitIsFirst = untilEnd >= 0 && (untilHandover < 0 || untilEnd <= untilHandover);
            switch (ChildLibrary.Keep(keep, limitIsFirst ? untilEnd : untilHandover))
            {
                case Kept.Report:
                    Hear(child.Handshake.Read(), keep);
                    if (_started && spec.Detached)
                    {
                        child.LetGo();
                        return 0;
                    }

                    break;
                case Kept.Timeout when limitIsFirst:
                    Kernel.TrySignal(child.Process, _time!.Strike());
                    break;
                case Kept.Timeout:
                    handover = handover!.TryBecome(keep, stub, signals!, _time) ? null : handover; // tried, and it could not: this process stays
                    break;
                default:
                    // A launch on another thread may hold a copy of the line for a moment: its end is yet to come.
                    while (!_started)
                    {
                        Hear(child.Handshake.Read(), keep);
                    }

                    var status = keep->HasEnded != 0 ? keep->Status : child.WaitForExit();
                    if (keep->HasEnded != 0)
                    {
                        child.LetGo(); // it stays for what the command has left behind
                    }

                    ChildLibrary.WriteStatus(&keep->Journal, status);
                    return status;
            }
        }
    }

    private unsafe void Hear(HandshakeMessage message, Keep* keep)
    {
        switch (message.Kind)
        {
            case HandshakeKind.Started:
                _started = true;
                keep->Report = -1;
                keep->Turns = message.HasInit ? child.Handshake.Descriptor : -1;
                _time?.Start();
                ChildLibrary.WriteStatus(&keep->Journal, -1);
                options.Started?.Invoke(child.Id);
                break;
            case HandshakeKind.MasterReceived:
                FileSystem.SetNonBlocking(message.Master!);
                keep->InputTo = keep->Output.From = message.Master!.Number;
                keep->IsTerminal = 1;
                keep->Input = spec.PassInput && options.Journal?.Log is null ? 0 : -1;
                message.Master.SetHandleAsInvalid(); // the loop's from now on
                ChildLibrary.TakeTerminal(keep);
                break;
            default:
                throw LaunchFailure.OfStep(spec, plan, message.Step, message.Errno);
        }
    }

    /// <summary>What is printed goes to the log where there is one, and what is typed comes by its socket.</summary>
    private unsafe void Attach(Keep* keep, RunJournal? journal)
    {
        keep->Journal.Status = journal?.Status.Number ?? 0;
        if (journal?.Log is not { } directory)
        {
            return;
        }

        keep->Journal.Directory = directory.Number;
        keep->Output.To = keep->Error.To = -1;
        keep->Input = -1;
        if (spec.PassInput && ChildLibrary.OpenInput(directory.Number) is > 0 and var socket) // else a file system without sockets: it gets no input
        {
            keep->Journal.Input = socket;
        }
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            new Fd(descriptor).Dispose();
        }
    }
}
