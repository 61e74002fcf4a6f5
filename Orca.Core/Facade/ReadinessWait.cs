using Orca.Core.Containers;

namespace Orca;

/// <summary>Waits until a container is ready, its time is over, or it has ended.</summary>
internal sealed class ReadinessWait(ContainerStart start, IRunningContainer container, StartedContainer started, OutputTap tap, TimeProvider time)
{
    private static readonly TimeSpan s_lastLook = TimeSpan.FromMilliseconds(50); // for the condition to hear what was looked at

    /// <summary>Returns when it is ready.</summary>
    /// <exception cref="ContainerNotReadyException">It is not, and will not be.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(start.ReadyTimeout, time);
        using var ended = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token, ended.Token);
        var watching = WatchEndAsync(ended, either.Token);
        try
        {
            var ready = start.Ready!.WaitAsync(new StartingContainer(container, start, tap), either.Token);
            await ready.WaitAsync(either.Token).ConfigureAwait(false); // a program's own condition need not listen to the token
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw await FailureAsync(ended.IsCancellationRequested).ConfigureAwait(false);
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>What a container wrote last may be what is waited for: the end counts when all of it has been looked at.</summary>
    private async Task WatchEndAsync(CancellationTokenSource ended, CancellationToken cancellationToken)
    {
        try
        {
            await started.Process.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
            await tap.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(s_lastLook, cancellationToken).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It is ready, or its time is over.
        }
    }

    private async Task<ContainerNotReadyException> FailureAsync(bool hasEnded)
    {
        var cause = hasEnded
            ? $"it ended before it was ready ({new ContainerExit((await started.Process.Exited.ConfigureAwait(false)).Status.Code)})"
            : $"it was not ready after {start.ReadyTimeout}";
        return new ContainerNotReadyException(container.Info.Name, $"{cause}: {start.Ready}", tap.LastLines);
    }
}
