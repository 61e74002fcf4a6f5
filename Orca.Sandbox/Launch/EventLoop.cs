using System.Collections.Concurrent;
using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>The one thread that waits for the ends of all containers and for the host's ends of their pipes.</summary>
/// <remarks>It only completes tasks, whose continuations run on the pool: no code of the embedding program can hold it up.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "It lives as long as the process.")]
internal sealed class EventLoop
{
    private const int StackSize = 256 << 10;
    private static readonly Lock s_gate = new();
    private static volatile EventLoop? s_shared;
    private readonly Poller _poller = new();
    private readonly ConcurrentDictionary<long, EventSource> _sources = new();
    private long _last;

    private EventLoop() => new Thread(Run, StackSize) { IsBackground = true, Name = "orca events" }.Start();

    /// <summary>The loop of this process.</summary>
    /// <remarks>Not a <see cref="Lazy{T}"/>, which would keep the first error for good: a process without a free descriptor may have one later.</remarks>
    /// <exception cref="LinuxException">The process has no descriptors left.</exception>
    internal static EventLoop Shared
    {
        get
        {
            if (s_shared is { } made)
            {
                return made;
            }

            lock (s_gate)
            {
                return s_shared ??= new EventLoop();
            }
        }
    }

    /// <summary>Begins to watch a descriptor, for one direction; disposing the result ends that, and must come before the descriptor is closed.</summary>
    internal EventSource Watch(int descriptor, bool forWriting = false)
    {
        var key = Interlocked.Increment(ref _last);
        var source = new EventSource(this, _poller, descriptor, key, forWriting);
        _sources[key] = source;
        try
        {
            _poller.Add(descriptor, key);
            return source;
        }
        catch
        {
            _sources.TryRemove(key, out _);
            throw;
        }
    }

    internal void Forget(long key) => _sources.TryRemove(key, out _);

    private void Run()
    {
        var keys = new long[64];
        while (true)
        {
            var count = _poller.Wait(keys);
            foreach (var key in keys.AsSpan(0, count))
            {
                if (_sources.TryGetValue(key, out var source))
                {
                    source.Fire();
                }
            }
        }
    }
}

/// <summary>One descriptor that is watched. Any thread may wait, dispose, and say that it is over.</summary>
internal sealed class EventSource(EventLoop loop, Poller poller, int descriptor, long key, bool forWriting) : IDisposable
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _pending;
    private bool _isOver;
    private bool _isDisposed;

    /// <summary>Completes at the next event, or at once when there will be none any more.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken = default)
    {
        Task task;
        lock (_gate)
        {
            if (_isOver)
            {
                return Task.CompletedTask;
            }

            if (_pending is null)
            {
                _pending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                poller.Arm(descriptor, key, forWriting);
            }

            task = _pending.Task;
        }

        return cancellationToken.CanBeCanceled ? task.WaitAsync(cancellationToken) : task;
    }

    /// <summary>Wakes whoever waits; they look again.</summary>
    internal void Fire()
    {
        TaskCompletionSource? pending;
        lock (_gate)
        {
            (pending, _pending) = (_pending, null);
        }

        pending?.TrySetResult();
    }

    /// <summary>From now on nobody waits.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        Fire();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                (_isDisposed, _isOver) = (true, true);
                poller.Remove(descriptor);
                loop.Forget(key);
            }
        }

        Fire();
    }
}
