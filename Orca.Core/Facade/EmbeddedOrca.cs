using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>The pipeline from a start to a running container, over interfaces alone.</summary>
/// <remarks>Its semaphores are not disposed: a start that is under way when the services are disposed would lose its container, and without wait handles they hold nothing.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "See the remarks.")]
internal sealed class EmbeddedOrca(ContainerRunner runner, ISandboxStarter starter, Lazy<IImagePuller?> puller, IOrcaImages images, IOrcaContainers kept, OrcaOptions options, TimeProvider time, ILogger logger) : IOrca
{
    private readonly SemaphoreSlim _starting = new(options.Starts);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _pulling = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IOrcaImages Images => images;

    /// <inheritdoc/>
    public IOrcaContainers Kept => kept;

    /// <inheritdoc/>
    public Task<ContainerResult> RunAsync(ContainerStart start, CancellationToken cancellationToken = default) => BufferedRun.RunAsync(LaunchAsync, start, time, cancellationToken);

    /// <inheritdoc/>
    public async Task<IRunningContainer> StartAsync(ContainerStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await LaunchAsync(start, capture: null, cancellationToken).ConfigureAwait(false);
    }

    private Task<RunningContainer> LaunchAsync(ContainerStart start, (OutputSink, OutputSink)? capture, CancellationToken cancellationToken) =>
        OrcaTelemetry.StartAsync(start.Image?.ToString() ?? string.Empty, time, () => PullAndLaunchAsync(start, capture, cancellationToken));

    private async Task<RunningContainer> PullAndLaunchAsync(ContainerStart start, (OutputSink, OutputSink)? capture, CancellationToken cancellationToken)
    {
        var request = StartRequest.Of(start);
        await PullAsync(request, cancellationToken).ConfigureAwait(false);
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        StartedContainer started;
        try
        {
            started = await Task.Run(() => runner.StartAsync(starter, request, StartRequest.Streams(start), Note, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _starting.Release(); // before it is ready: that may take long, and may depend on a container that is not started yet
        }

        return await RunningContainer.BeginAsync(started with { Release = () => CleanUp(started, request) }, start, capture, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One pull of an image at a time: the others find it in the store then.</summary>
    private async Task PullAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (!runner.Resolve(request).NeedsPull || puller.Value is not { } source)
        {
            return;
        }

        var gate = _pulling.GetOrAdd(request.Image!.ToString(), static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (runner.Resolve(request).NeedsPull)
            {
                await OrcaTelemetry.PullAsync(
                    request.Image.ToString(), () => source.PullAsync(request.Image, request.Platform ?? Platform.Current, progress: null, cancellationToken)).ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private void CleanUp(StartedContainer started, RunRequest request)
    {
        try
        {
            started.Release();
            if (request is { Name: { } name, RemoveAfter: true })
            {
                runner.Remove(name);
            }
        }
        catch (OrcaException e)
        {
            Note(e.Message); // the run has a result, which must not be lost for this
        }
    }

    private void Note(string text) => logger.LogWarning("{Note}", text);
}
