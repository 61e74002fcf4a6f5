using System.Runtime.InteropServices;
using Orca.Cli.Output;

namespace Orca.Cli.Commands;

/// <summary>Turns the signals that ask a program to stop into a cancellation, while it lives. A second one ends the program at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _status;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, 1)),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>128 and the signal's number, as shells say it; 125 when none came.</summary>
    public int ExitStatus => _status == 0 ? ErrorReport.Failed : _status;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = Interlocked.Exchange(ref _status, 128 + number) == 0;
        if (context.Cancel)
        {
            _source.Cancel();
        }
    }
}
