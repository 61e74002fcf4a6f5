using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Sends signals to containers that other processes run, and waits for their ends.</summary>
/// <remarks>
/// There is no daemon to ask: a container runs while a process holds its lock, and its first process is pinned by a descriptor (pidfd_open(2)) between two looks that
/// both find it, so that a signal never reaches a process that has got its number since.
/// </remarks>
public sealed class ContainerControl(IContainerStore containers, IImageStore images)
{
    private const int ShortestPause = 1;
    private const int LongestPause = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks a container to end, and kills it when it has not within the time. Returns when it has ended; one that does not run is no error.</summary>
    /// <param name="name">The container.</param>
    /// <param name="patience">How long to wait before it is killed; null for ten seconds, a negative time for ever.</param>
    /// <param name="signal">What asks it; null for its own stop signal.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">No such container, or it does not end.</exception>
    public void Stop(string name, TimeSpan? patience, Signal? signal, CancellationToken cancellationToken)
    {
        using var watch = containers.Watch(name);
        if (Open(name, watch, cancellationToken) is not { } running)
        {
            return;
        }

        using (running.Process)
        {
            var limit = patience ?? s_patience;
            Send(name, running.Process, signal ?? StopSignal(running.Record));
            if (limit < TimeSpan.Zero)
            {
                WaitForEnd(watch, null, cancellationToken);
                return;
            }

            if (!WaitForEnd(watch, limit, cancellationToken))
            {
                Send(name, running.Process, Signal.Kill);
                if (!WaitForEnd(watch, s_patience, cancellationToken))
                {
                    throw new StoreException($"cannot stop container '{name}': it does not end, though it was killed: a process in it waits for a device or a network file system");
                }
            }
        }
    }

    /// <summary>Sends a signal to a container's command.</summary>
    /// <exception cref="StoreException">No such container, or it does not run.</exception>
    public void Kill(string name, Signal signal, CancellationToken cancellationToken)
    {
        using var watch = containers.Watch(name);
        var running = Open(name, watch, cancellationToken) ?? throw new StoreException($"cannot kill container '{name}': it does not run", $"'orca start {name}' starts it");
        using (running.Process)
        {
            Send(name, running.Process, signal);
            if (signal == Signal.Kill)
            {
                WaitForEnd(watch, s_patience, cancellationToken);
            }
        }
    }

    /// <summary>Waits until a container does not run. Returns its exit status; 0 for one that never ran.</summary>
    /// <exception cref="StoreException">No such container.</exception>
    public int Wait(string name, CancellationToken cancellationToken)
    {
        using var watch = containers.Watch(name);
        WaitForEnd(watch, null, cancellationToken);
        return watch.Times is { } times ? times.ExitCode ?? RunTimes.Lost : 0;
    }

    /// <summary>Waits until nobody holds the container; false when the time is over before.</summary>
    public static bool WaitForEnd(IContainerWatch watch, TimeSpan? limit, CancellationToken cancellationToken)
    {
        var began = Environment.TickCount64;
        for (var pause = ShortestPause; watch.IsHeld; pause = Math.Min(pause * 2, LongestPause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (limit is { } most && Environment.TickCount64 - began >= most.TotalMilliseconds)
            {
                return false;
            }

            Thread.Sleep(pause);
        }

        return true;
    }

    /// <summary>The first process of a container and what is known of the run; null when it does not run. Waits for one that is being started.</summary>
    private (Fd Process, ContainerRecord Record)? Open(string name, IContainerWatch watch, CancellationToken cancellationToken)
    {
        for (var pause = ShortestPause; watch.IsHeld; pause = Math.Min(pause * 2, LongestPause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Find(name) is { } found && Kernel.TryOpenProcess(found.Process.Id) is { } process)
            {
                if (Find(name)?.Process == found.Process)
                {
                    return (process, found.Record);
                }

                process.Dispose();
            }

            Thread.Sleep(pause);
        }

        return null;
    }

    private ContainerInstance? Find(string name)
    {
        try
        {
            return containers.FindRunning(name);
        }
        catch (StoreException) when (containers.Look(name) is null)
        {
            return null; // it goes with its run, and is gone
        }
    }

    private Signal StopSignal(ContainerRecord record) =>
        record.Options.Process.StopSignal ?? SandboxSpecBuilder.StopSignal(images.Find(record.ImageDigest)?.Config, record.Options);

    private static void Send(string name, Fd process, Signal signal)
    {
        var error = Kernel.TrySignal(process, signal.Number);
        if (error is not (Errno.None or Errno.ESRCH))
        {
            throw new StoreException($"cannot send {signal} to container '{name}': {error.Describe()}");
        }
    }
}
