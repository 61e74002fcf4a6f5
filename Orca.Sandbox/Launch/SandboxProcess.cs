using System.Globalization;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <summary>A command that runs, and the wait for its end, which takes no thread.</summary>
internal sealed class SandboxProcess : ISandboxProcess
{
    private const int ContinueSignal = 18; // SIGCONT
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly ChildProcess _child;
    private readonly CommandStreams _streams;
    private readonly ControlGroup? _group;
    private readonly bool _isJoined;
    private bool _hasEnded;

    /// <summary>Takes all three over.</summary>
    /// <param name="child">What runs.</param>
    /// <param name="streams">Its streams.</param>
    /// <param name="group">The control group that was made for it.</param>
    /// <param name="isJoined">True for a command in a container that had its first one already.</param>
    internal SandboxProcess(ChildProcess child, CommandStreams streams, ControlGroup? group, bool isJoined)
    {
        (_child, _streams, _group, _isJoined, Id) = (child, streams, group, isJoined, child.Id);
        Exited = WatchAsync();
    }

    /// <inheritdoc/>
    public int Id { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Stream?> Pipes => _streams.Outside;

    /// <inheritdoc/>
    public Task<SandboxExit> Exited { get; }

    /// <inheritdoc/>
    public bool TrySignal(Signal signal)
    {
        lock (_gate) // once it has ended its descriptor is closed, and the number may be another file's
        {
            if (_hasEnded || !_isJoined || signal != Signal.Kill)
            {
                return !_hasEnded && Kernel.TrySignal(_child.Process, signal.Number) == Errno.None;
            }

            _child.Handshake.End(); // all that descends from it, which its own end would not take along
            Kernel.TrySignal(_child.Process, ContinueSignal);
            _ = KillAsync();
            return true;
        }
    }

    /// <inheritdoc/>
    public Fd? OpenRoot()
    {
        lock (_gate) // until somebody has waited for it, its number is no other process's
        {
            return !_hasEnded && FileSystem.TryOpen(null, PathZ.From(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/root")), O_PATH | O_DIRECTORY, out var root) == Errno.None ? root : null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        TrySignal(Signal.Kill);
        try
        {
            await Exited.ConfigureAwait(false);
        }
        finally
        {
            _streams.Dispose();
        }
    }

    private async Task<SandboxExit> WatchAsync()
    {
        int? ended = null;
        try
        {
            ended = await EndAsync().ConfigureAwait(false);
            int status;
            lock (_gate)
            {
                _hasEnded = true;
                status = ended ?? _child.WaitForExit();
            }

            return new SandboxExit(new ExitStatus(status), _group?.WasOutOfMemory());
        }
        finally
        {
            lock (_gate)
            {
                _hasEnded = true; // also when it could not be watched: its descriptor is closed below, and the number may become another file's
            }

            _streams.End();
            _group?.Dispose();
            if (ended is null)
            {
                _child.Dispose();
            }
            else
            {
                _ = ReapAsync(_child);
            }
        }
    }

    /// <summary>Waits for the end of the command: that of its process, or what that says when it stays for what the command has left behind.</summary>
    private async Task<int?> EndAsync()
    {
        using var end = EventLoop.Shared.Watch(_child.Process.Number);
        var exit = end.WaitAsync();
        while (_isJoined)
        {
            using var report = EventLoop.Shared.Watch(_child.Handshake.Descriptor);
            if (await Task.WhenAny(exit, report.WaitAsync()).ConfigureAwait(false) == exit)
            {
                break;
            }

            var message = _child.Handshake.Read();
            if (message.Kind == HandshakeKind.Ended)
            {
                return message.Step;
            }

            if (message.Kind == HandshakeKind.Started) // no more: it has closed its end
            {
                break;
            }
        }

        await exit.ConfigureAwait(false);
        return null;
    }

    /// <summary>A container may stop the process beside a command as often as it likes, as it is its user's; it cannot keep it.</summary>
    private async Task KillAsync()
    {
        await ((Task)Exited).WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (!_hasEnded)
            {
                Kernel.TrySignal(_child.Process, SignalCatcher.Kill);
            }
        }
    }

    /// <summary>It stays as long as anything descends from it; then it is waited for, or it would be there for ever.</summary>
    private static async Task ReapAsync(ChildProcess child)
    {
        using (var end = EventLoop.Shared.Watch(child.Process.Number))
        {
            await end.WaitAsync().ConfigureAwait(false);
        }

        child.Dispose();
    }
}
