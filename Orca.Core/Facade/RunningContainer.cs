using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>A container that runs, with the tasks that carry its bytes and keep its time.</summary>
internal sealed class RunningContainer : IRunningContainer
{
    private readonly StartedContainer _started;
    private readonly ContainerStart _start;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _copying = new();
    private readonly CancellationTokenSource _feeding = new();
    private readonly CancellationTokenSource _timing = new();
    private readonly List<Task> _copies = [];
    private readonly Task<ContainerExit> _end;
    private readonly OutputTap? _tap;
    private Exception? _failure;
    private int _kills; // by Cancel, of a process that had not ended
    private volatile bool _isTimedOut;

    /// <summary>Takes over what was started.</summary>
    /// <param name="started">What runs.</param>
    /// <param name="start">What was asked for.</param>
    /// <param name="capture">Where a run's output goes; null leaves its pipes to the program.</param>
    /// <param name="time">The clock.</param>
    private RunningContainer(StartedContainer started, ContainerStart start, (OutputSink Output, OutputSink Error)? capture, TimeProvider time)
    {
        (_started, _start, _time, _tap) = (started, start, time, start.Ready is null ? null : new OutputTap());
        var record = started.Record;
        Info = new ContainerInfo(record.Name, started.Process.Id, record.Image, record.ImageDigest, time.GetUtcNow(), started.StopSignal);
        var pipes = started.Process.Pipes;
        Streams = new RunningStreams(
            start.Input.IsPipe ? pipes[0] : Feed(pipes[0]),
            Attach(pipes[1], start.Output, capture?.Output, isError: false),
            Attach(pipes[2], start.Error, capture?.Error, isError: true));
        if (started.Limit is { } limit)
        {
            _ = KeepTimeAsync(limit, time);
        }

        _end = WatchAsync();
    }

    /// <inheritdoc/>
    public ContainerInfo Info { get; }

    /// <inheritdoc/>
    public RunningStreams Streams { get; }

    /// <inheritdoc/>
    public IContainerFiles Files => _started.Files;

    /// <summary>Begins to carry bytes and to keep time, and waits until the container is ready where that is asked for.</summary>
    /// <exception cref="ContainerNotReadyException">It did not get ready in time, or ended; nothing is left of it.</exception>
    internal static async Task<RunningContainer> BeginAsync(
        StartedContainer started, ContainerStart start, (OutputSink Output, OutputSink Error)? capture, TimeProvider time, CancellationToken cancellationToken)
    {
        var container = new RunningContainer(started, start, capture, time);
        if (container._tap is not { } tap)
        {
            return container;
        }

        try
        {
            await new ReadinessWait(start, container, started, tap, time).WaitAsync(cancellationToken).ConfigureAwait(false);
            await tap.DisposeAsync().ConfigureAwait(false);
            return container;
        }
        catch
        {
            await container.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<ContainerExit> WaitForExitAsync(CancellationToken cancellationToken = default) => _end.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> SignalAsync(Signal signal, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_started.Process.TrySignal(signal));
    }

    /// <inheritdoc/>
    public async Task<IRunningContainer> ExecAsync(ContainerExec exec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(exec);
        cancellationToken.ThrowIfCancellationRequested();
        var process = await _started.Exec(exec, cancellationToken).ConfigureAwait(false);
        return new RunningContainer(_started with { Process = process, Limit = null, Release = static () => { } }, exec.AsStart(), capture: null, _time);
    }

    /// <summary>Kills it for this program's sake.</summary>
    internal void Cancel()
    {
        Interlocked.Increment(ref _kills); // before: the end may be told at once
        if (!_started.Process.TrySignal(Signal.Kill))
        {
            Interlocked.Decrement(ref _kills);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await ((Task)_started.Process.Exited).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _copying.CancelAsync().ConfigureAwait(false);
        await ((Task)_end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_tap is not null)
        {
            await _tap.DisposeAsync().ConfigureAwait(false);
        }

        await _started.Process.DisposeAsync().ConfigureAwait(false);
    }

    private static OutputSink? SinkOf(ContainerOutput output, OutputSink? capture) => output.IsCopied ? OutputPump.SinkOf(output) : capture;

    /// <summary>Begins to write the input. Nothing waits for its end: a stream of the program's may give nothing for ever, and need not listen to a token.</summary>
    private Stream? Feed(Stream? pipe)
    {
        if (pipe is not null)
        {
            _ = WatchCopyAsync(Task.Run(() => OutputPump.FeedAsync(_start.Input, pipe, _feeding.Token)), _feeding.Token);
        }

        return null;
    }

    /// <summary>Returns the pipe when it is the program's to read.</summary>
    private Stream? Attach(Stream? pipe, ContainerOutput output, OutputSink? capture, bool isError)
    {
        if (pipe is null || SinkOf(output, capture) is not { } sink)
        {
            return pipe is null || _tap is null ? pipe : _tap.Follow(pipe, isError);
        }

        sink = _tap?.Before(sink, isError) ?? sink;

        // On the pool: as long as there is something to read, a copy to a delegate goes on without a pause, and the start must return.
        _copies.Add(WatchCopyAsync(Task.Run(() => OutputPump.CopyAsync(pipe, sink, _copying.Token)), _copying.Token));
        return null;
    }

    /// <summary>A consumer that throws ends the container; what it threw comes out of the wait.</summary>
    private async Task WatchCopyAsync(Task copy, CancellationToken over)
    {
        try
        {
            await copy.ConfigureAwait(false);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The container was disposed, or has ended and reads no more: what a stream throws when it is cancelled is its own affair.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            _started.Process.TrySignal(Signal.Kill);
        }
    }

    private async Task KeepTimeAsync(TimeLimit limit, TimeProvider time)
    {
        try
        {
            await Task.Delay(limit.After, time, _timing.Token).ConfigureAwait(false);
            _isTimedOut = true;
            _isTimedOut = _started.Process.TrySignal(limit.Signal);
            await Task.Delay(_start.Grace, time, _timing.Token).ConfigureAwait(false);
            _started.Process.TrySignal(Signal.Kill);
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    /// <summary>The container is disposed before its end is told, so that the next run of its name finds it free.</summary>
    private async Task<ContainerExit> WatchAsync()
    {
        SandboxExit exit;
        try
        {
            exit = await _started.Process.Exited.ConfigureAwait(false);
        }
        finally
        {
            await _timing.CancelAsync().ConfigureAwait(false);
            _ = _feeding.CancelAsync();
            _started.Release();
        }

        const int killed = 128 + 9;
        var code = exit.Status.Code;
        var isCanceled = Volatile.Read(ref _kills) > 0 && code == killed;
        if (isCanceled)
        {
            _copying.CancelAfter(_start.Grace); // a consumer that takes nothing does not hold up who has cancelled
        }

        await Task.WhenAll(_copies).ConfigureAwait(false);
        if (_failure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        return new ContainerExit(code) { TimedOut = _isTimedOut, Canceled = isCanceled, OutOfMemory = exit.OutOfMemory };
    }
}
