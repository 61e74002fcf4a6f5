using System.Collections.Concurrent;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Testing;

/// <summary>An <see cref="IOrca"/> that runs nothing: its containers print and exit as the test says.</summary>
/// <remarks>
/// Streams, captured output, time-outs, cancellation and disposal are those of the library itself. Nothing is asked of the kernel, the disk and the network. Every image is
/// there. Set it up before it is used; the rest is safe to use from many threads.
/// </remarks>
public sealed class FakeOrca : IOrca
{
    private readonly List<FakeCommand> _commands = [];
    private readonly ConcurrentQueue<ContainerStart> _starts = new();
    private readonly ConcurrentQueue<ContainerExec> _execs = new();
    private readonly ConcurrentDictionary<string, bool> _running = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly FakeImages _images;
    private readonly FakeContainers _kept = new();
    private int _last;

    /// <summary>Makes one.</summary>
    /// <param name="time">The clock of time-outs and graces; the system's when null.</param>
    public FakeOrca(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _images = new FakeImages(_time);
    }

    /// <summary>The starts that were requested, in order; those that failed are included.</summary>
    public IReadOnlyList<ContainerStart> Starts => [.. _starts];

    /// <summary>The commands that were to join a container, in order; those that failed are included.</summary>
    public IReadOnlyList<ContainerExec> Execs => [.. _execs];

    /// <inheritdoc/>
    public IOrcaImages Images => _images;

    /// <inheritdoc/>
    public IOrcaContainers Kept => _kept;

    /// <summary>Says what containers do whose start meets the condition. The first condition that holds counts; a start that meets none is an error.</summary>
    public FakeCommand When(Func<ContainerStart, bool> condition)
    {
        var command = new FakeCommand(condition);
        _commands.Add(command);
        return command;
    }

    /// <summary>Says what every container does that no <see cref="When"/> is for.</summary>
    public FakeCommand Always() => When(static _ => true);

    /// <inheritdoc/>
    public Task<ContainerResult> RunAsync(ContainerStart start, CancellationToken cancellationToken = default) => BufferedRun.RunAsync(LaunchAsync, start, _time, cancellationToken);

    /// <inheritdoc/>
    public async Task<IRunningContainer> StartAsync(ContainerStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await LaunchAsync(start, capture: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RunningContainer> LaunchAsync(ContainerStart start, (OutputSink, OutputSink)? capture, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _starts.Enqueue(start);
        var request = StartRequest.Of(start);
        var command = _commands.Find(one => one.IsFor(start)) ?? throw new SandboxException($"cannot start '{Quoted.Text(string.Join(' ', start.Command))}': the test says nothing of it");
        if (command.Failure is { } failure)
        {
            throw failure;
        }

        var name = start.Name ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"run-{Interlocked.Increment(ref _last):x12}");
        if (!_running.TryAdd(name, true))
        {
            throw new StoreException($"cannot run container '{name}': process {Environment.ProcessId} runs it");
        }

        var image = _images.Add(start.Image ?? ImageReference.Parse("kept"), start.Platform);
        var record = new ContainerRecord { Name = name, Image = image.References[0], ImageDigest = image.Digest, Created = _time.GetUtcNow(), Options = request.Options };
        var limit = start.Timeout is { } timeout ? new Core.Sandbox.TimeLimit(timeout, start.StopSignal ?? Core.Sandbox.Signal.Term) : null;
        var files = new FakeFiles(command.Files);
        if (start is { Name: not null, RemoveAfter: false })
        {
            _kept.Add(record, files, () => _running.ContainsKey(name));
        }

        void Release()
        {
            _running.TryRemove(name, out _);
            if (start is { Name: not null, RemoveAfter: true })
            {
                _kept.Forget(name);
            }
        }

        var process = new FakeProcess(command, start, _time);
        var started = new StartedContainer(record, process, start.StopSignal ?? Core.Sandbox.Signal.Term, limit, Release, files)
        {
            Exec = (exec, _) => Task.FromResult<Core.Sandbox.ISandboxProcess>(Exec(command, process, exec)),
        };
        return await RunningContainer.BeginAsync(started, start, capture, _time, cancellationToken).ConfigureAwait(false);
    }

    private FakeProcess Exec(FakeCommand container, FakeProcess first, ContainerExec exec)
    {
        _execs.Enqueue(exec);
        var request = exec.AsRequest(); // what is wrong with it is wrong here, too
        if (first.Exited.IsCompleted)
        {
            throw new SandboxException("cannot join the container: it has ended");
        }

        var command = container.Find(exec) ?? throw new SandboxException($"cannot start '{Quoted.Text(string.Join(' ', request.Command))}': the test says nothing of it");
        if (command.Failure is { } failure)
        {
            throw failure;
        }

        var process = new FakeProcess(command, exec.AsStart(), _time);
        first.Exited.ContinueWith(_ => process.TrySignal(Core.Sandbox.Signal.Kill), TaskScheduler.Default);
        return process;
    }
}
