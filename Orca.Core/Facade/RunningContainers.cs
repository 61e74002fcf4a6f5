using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>Operations on any <see cref="IRunningContainer"/>, real or fake.</summary>
public static class RunningContainers
{
    /// <summary>Kills everything in the container and waits for its end.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the container is killed all the same.</exception>
    public static async Task<ContainerExit> KillAsync(this IRunningContainer container, CancellationToken cancellationToken = default)
    {
        await container.SignalAsync(Signal.Kill, CancellationToken.None).ConfigureAwait(false);
        return await container.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs another command in the container to its end, and captures what it prints.</summary>
    /// <remarks>At most 16 MiB of each stream are captured; the rest is read and dropped.</remarks>
    /// <param name="container">A container that runs.</param>
    /// <param name="command">The program, looked up in the container, and its arguments.</param>
    /// <param name="cancellationToken">Kills the command with all that descends from it; the container goes on.</param>
    /// <exception cref="Core.Errors.SandboxException">The container has ended, or the command could not be started.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the command had ended and its output was closed.</exception>
    public static Task<ContainerResult> ExecAsync(this IRunningContainer container, IReadOnlyList<string> command, CancellationToken cancellationToken = default) =>
        RunAsync(container, new ContainerExec([.. command]), cancellationToken);

    internal static async Task<ContainerResult> RunAsync(IRunningContainer container, ContainerExec exec, CancellationToken cancellationToken)
    {
        const int limit = 16 << 20;
        var (output, error) = (new CaptureSink(limit), new CaptureSink(limit));
        var began = TimeProvider.System.GetTimestamp();
        var running = await container.ExecAsync(exec, cancellationToken).ConfigureAwait(false);
        await using (running.ConfigureAwait(false))
        {
            var copies = Task.WhenAll(CaptureAsync(running.Streams.Output, output), CaptureAsync(running.Streams.Error, error));
            ContainerExit exit;
            using (cancellationToken.Register(static one => _ = ((IRunningContainer)one!).SignalAsync(Signal.Kill).AsTask(), running))
            {
                exit = await running.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            await copies.WaitAsync(cancellationToken).ConfigureAwait(false); // what the command left running may hold the pipes
            if (exit.Signal == Signal.Kill)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            return new ContainerResult(exit, output.Text, error.Text, TimeProvider.System.GetElapsedTime(began)) { IsTruncated = output.IsTruncated || error.IsTruncated };
        }
    }

    private static Task CaptureAsync(Stream? stream, OutputSink sink) => stream is null ? Task.CompletedTask : OutputPump.CopyAsync(stream, sink, CancellationToken.None);

    /// <summary>Asks the command to end (<see cref="ContainerInfo.StopSignal"/>), and kills what is left after the grace.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: the container was asked, and nothing more.</exception>
    public static async Task<ContainerExit> StopAsync(this IRunningContainer container, TimeSpan grace, CancellationToken cancellationToken = default)
    {
        await container.SignalAsync(container.Info.StopSignal, cancellationToken).ConfigureAwait(false);
        try
        {
            return await container.WaitForExitAsync(cancellationToken).WaitAsync(grace, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return await container.KillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads what the container writes, line by line as it comes, until its end. Lines of one stream are in order.</summary>
    /// <remarks>
    /// A line of more than 65536 characters comes in pieces. The container waits while nobody takes lines. What was read and not yet taken when the
    /// enumeration ends is lost, so enumerate once.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Neither output nor error of the container is <see cref="ContainerOutput.Pipe"/>.</exception>
    public static async IAsyncEnumerable<OutputLine> ReadLinesAsync(this IRunningContainer container, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (_, output, error) = container.Streams;
        if (output is null && error is null)
        {
            throw new InvalidOperationException($"cannot read lines of container '{container.Info.Name}': neither its output nor its error is a pipe of this program");
        }

        var lines = Channel.CreateBounded<OutputLine>(new BoundedChannelOptions(1) { SingleReader = true });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(lines.Writer, output, error, end.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return line;
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(ChannelWriter<OutputLine> lines, Stream? output, Stream? error, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(ReadAsync(lines, output, isError: false, cancellationToken), ReadAsync(lines, error, isError: true, cancellationToken)).ConfigureAwait(false);
            lines.TryComplete();
        }
        catch (Exception e)
        {
            lines.TryComplete(e);
        }
    }

    private static Task ReadAsync(ChannelWriter<OutputLine> lines, Stream? stream, bool isError, CancellationToken cancellationToken) => stream is null
        ? Task.CompletedTask
        : OutputPump.CopyAsync(stream, new LineSink((line, token) => lines.WriteAsync(new OutputLine(line, isError), token)), cancellationToken);
}

/// <summary>A line that a container has written.</summary>
/// <param name="Text">The line as UTF-8, without its end.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
public readonly record struct OutputLine(string Text, bool IsError);
