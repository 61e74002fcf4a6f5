using System.Globalization;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <summary>A command that runs, and the wait for its end, which takes no thread.</summary>
internal sealed class SandboxProcess : ISandboxProcess
{
    private readonly Lock _gate = new();
    private readonly ChildProcess _child;
    private readonly CommandStreams _streams;
    private readonly ControlGroup? _group;
    private bool _hasEnded;

    /// <summary>Takes all three over.</summary>
    internal SandboxProcess(ChildProcess child, CommandStreams streams, ControlGroup? group)
    {
        (_child, _streams, _group, Id) = (child, streams, group, child.Id);
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
            return !_hasEnded && Kernel.TrySignal(_child.Process, signal.Number) == Errno.None;
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
        try
        {
            using (var end = EventLoop.Shared.Watch(_child.Process.Number))
            {
                await end.WaitAsync().ConfigureAwait(false);
            }

            int status;
            lock (_gate)
            {
                _hasEnded = true;
                status = _child.WaitForExit();
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
            _child.Dispose();
        }
    }
}
