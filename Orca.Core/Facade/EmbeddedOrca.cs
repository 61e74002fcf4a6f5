using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>The pipeline from a start to a running container, over interfaces alone.</summary>
internal sealed class EmbeddedOrca(ContainerRunner runner, ISandboxStarter starter, IImagePuller? puller, TimeProvider time, ILogger logger) : IOrca, IDisposable
{
    // Each start holds a thread of the pool while it reads and writes the store: more at once would only make the pool grow.
    private readonly SemaphoreSlim _starting = new(Math.Max(4, Environment.ProcessorCount * 2));
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _pulling = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ContainerResult> RunAsync(ContainerStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (start.Input.IsPipe)
        {
            throw new ArgumentException("a run has nobody to write to the pipe of its input: start the container instead, or give the input as text, bytes or a stream", nameof(start));
        }

        var (output, error) = (new CaptureSink(start.CaptureLimit), new CaptureSink(start.CaptureLimit));
        var container = await LaunchAsync(start, (output, error), cancellationToken).ConfigureAwait(false);
        await using (container.ConfigureAwait(false))
        {
            var began = time.GetTimestamp();
            ContainerExit exit;
            using (cancellationToken.Register(static one => ((RunningContainer)one!).Cancel(), container))
            {
                exit = await container.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            if (exit.Canceled)
            {
                throw new OperationCanceledException(cancellationToken);
            }

            var result = new ContainerResult(exit, output.Text, error.Text, time.GetElapsedTime(began)) { IsTruncated = output.IsTruncated || error.IsTruncated };
            return start.ThrowOnFailure ? result.EnsureSuccess() : result;
        }
    }

    /// <inheritdoc/>
    public async Task<IRunningContainer> StartAsync(ContainerStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await LaunchAsync(start, capture: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Containers that run go on until they are disposed.</summary>
    public void Dispose() => _starting.Dispose();

    private async Task<RunningContainer> LaunchAsync(ContainerStart start, (OutputSink, OutputSink)? capture, CancellationToken cancellationToken)
    {
        var request = StartRequest.Of(start);
        await PullAsync(request, cancellationToken).ConfigureAwait(false);
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var started = await Task.Run(() => runner.StartAsync(starter, request, StartRequest.Streams(start), Note, cancellationToken), cancellationToken).ConfigureAwait(false);
            return new RunningContainer(started, start, capture, time, () => CleanUp(started.Container, request));
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>One pull of an image at a time: the others find it in the store then.</summary>
    private async Task PullAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (puller is null || !runner.NeedsPull(request))
        {
            return;
        }

        var gate = _pulling.GetOrAdd(request.Image!.ToString(), static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (runner.NeedsPull(request))
            {
                await puller.PullAsync(request.Image, request.Platform ?? Platform.Current, progress: null, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private void CleanUp(IContainer container, RunRequest request)
    {
        try
        {
            container.Dispose();
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
