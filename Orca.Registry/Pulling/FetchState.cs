using System.Runtime.ExceptionServices;

namespace Orca.Registry.Pulling;

/// <summary>How far a blob has come: said by who fetches it, waited for by who reads it.</summary>
internal sealed class FetchState
{
    private readonly object _gate = new(); // a monitor: it can be waited on and needs no disposing
    private long _length;
    private bool _isComplete;
    private ExceptionDispatchInfo? _fault;

    /// <summary>True when every byte that the source has is in the part.</summary>
    internal bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _isComplete;
            }
        }
    }

    internal void Advance(long length)
    {
        lock (_gate)
        {
            _length = length;
            Monitor.PulseAll(_gate);
        }
    }

    internal void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }
    }

    internal void Fail(Exception fault)
    {
        lock (_gate)
        {
            _fault ??= ExceptionDispatchInfo.Capture(fault);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until there are more than <paramref name="position"/> bytes; false when there never will be. Throws what the fetch threw.</summary>
    internal bool WaitBeyond(long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_length > position)
            {
                return true;
            }
        }

        using var waking = cancellationToken.UnsafeRegister(static gate => Wake(gate!), _gate);
        lock (_gate)
        {
            while (_length <= position)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _fault?.Throw();
                if (_isComplete)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            return true;
        }
    }

    private static void Wake(object gate)
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }
}
