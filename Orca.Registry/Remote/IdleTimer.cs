namespace Orca.Registry.Remote;

/// <summary>Ends an operation in which nothing happens for a minute. There is no limit on the whole: a slow line is not a dead one.</summary>
internal sealed class IdleTimer(TimeProvider time) : IDisposable
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private CancellationTokenSource _idle = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Awaits one operation; what stops it leaves as a <see cref="TransferException"/>, the caller's own cancellation as it is.</summary>
    internal async ValueTask<T> RunAsync<T, TState>(Func<TState, CancellationToken, ValueTask<T>> operation, TState state, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_idle.IsCancellationRequested)
        {
            _idle.Dispose();
            _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        }

        _idle.CancelAfter(Limit);
        try
        {
            await using (cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _idle).ConfigureAwait(false))
            {
                return await operation(state, _idle.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (_idle.IsCancellationRequested)
        {
            throw new TransferException(TransferFault.Silent, $"nothing came for {Limit.TotalSeconds:0} seconds", inner: e);
        }
        catch (Exception e) when (TransferFaults.Explain(e) is { } explained)
        {
            throw explained;
        }
        finally
        {
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _idle.Dispose();
}
