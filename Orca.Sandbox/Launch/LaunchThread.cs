using System.Collections.Concurrent;

namespace Orca.Sandbox.Launch;

/// <summary>The one thread that clones containers. It lives as long as the process.</summary>
/// <remarks>
/// The kernel's parent-death signal (PR_SET_PDEATHSIG) follows the thread that cloned, not the process: a container that was launched by a thread of the
/// pool would die when the pool lets that thread go.
/// </remarks>
internal static class LaunchThread
{
    private static readonly Lazy<BlockingCollection<Action>> s_queue = new(Start);

    /// <summary>Runs a launch there; the continuation is the pool's.</summary>
    internal static Task<T> RunAsync<T>(Func<T> launch)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_queue.Value.Add(() =>
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
