using System.Collections.Concurrent;

namespace Orca.Sandbox.Launch;

/// <summary>The one thread that clones containers. It lives as long as the process.</summary>
/// <remarks>
/// The kernel's parent-death signal (PR_SET_PDEATHSIG) follows the thread that cloned, not the process: a container that was launched by a thread of the
/// pool would die when the pool lets that thread go.
/// </remarks>
internal static class LaunchThread
{
    private static readonly Lock s_gate = new();
    private static volatile BlockingCollection<Action>? s_queue;

    /// <summary>The queue of this process.</summary>
    /// <remarks>Not a <see cref="Lazy{T}"/>, which would keep the first error for good: a process that can have no more threads may have one later.</remarks>
    private static BlockingCollection<Action> Queue
    {
        get
        {
            if (s_queue is { } made)
            {
                return made;
            }

            lock (s_gate)
            {
                return s_queue ??= Start();
            }
        }
    }

    /// <summary>Runs a launch there; the continuation is the pool's.</summary>
    internal static Task<T> RunAsync<T>(Func<T> launch)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Queue.Add(() =>
        {
            try
            {
                result.SetResult(launch());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }

    private static BlockingCollection<Action> Start()
    {
        var queue = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var launch in queue.GetConsumingEnumerable())
            {
                launch();
            }
        })
        { IsBackground = true, Name = "orca launch" }.Start();
        return queue;
    }
}
