namespace Orca;

/// <summary>A run to the end over any way to launch: the library's, and that of the fake.</summary>
internal static class BufferedRun
{
    /// <summary>Launches a container whose pipes go to the sinks; null leaves them to the program.</summary>
    internal delegate Task<RunningContainer> Launch(ContainerStart start, (OutputSink Output, OutputSink Error)? capture, CancellationToken cancellationToken);

    /// <summary>As <see cref="IOrca.RunAsync"/>.</summary>
    internal static async Task<ContainerResult> RunAsync(Launch launch, ContainerStart start, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentOutOfRangeException.ThrowIfNegative(start.CaptureLimit);
        if (start.Input.IsPipe)
        {
            throw new ArgumentException("a run has nobody to write to the pipe of its input: start the container instead, or give the input as text, bytes or a stream", nameof(start));
        }

        var (output, error) = (new CaptureSink(start.CaptureLimit), new CaptureSink(start.CaptureLimit));
        var container = await launch(start with { Ready = null }, (output, error), cancellationToken).ConfigureAwait(false);
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
}
