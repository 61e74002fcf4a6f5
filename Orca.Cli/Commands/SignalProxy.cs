using System.Runtime.InteropServices;

namespace Orca.Cli.Commands;

/// <summary>Hands the signals that a user sends to this process to somebody else, while it lives.</summary>
internal sealed class SignalProxy : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins.</summary>
    /// <param name="send">Takes a signal's number, on a thread of its own.</param>
    public SignalProxy(Action<int> send) => _registrations =
    [
        Of(PosixSignal.SIGHUP, 1, send), Of(PosixSignal.SIGINT, 2, send), Of(PosixSignal.SIGQUIT, 3, send), Of(PosixSignal.SIGTERM, 15, send),
        Of((PosixSignal)10, 10, send), Of((PosixSignal)12, 12, send),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private static PosixSignalRegistration Of(PosixSignal signal, int number, Action<int> send) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        send(number);
    });
}
