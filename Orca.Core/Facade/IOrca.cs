namespace Orca;

/// <summary>Runs containers from this program, without a daemon. Safe to use from many threads.</summary>
/// <remarks>
/// A container has no terminal, reads nothing, and writes to pipes of this program, unless its <see cref="ContainerStart"/> says otherwise; signals and
/// the console of this program are left alone. A container takes no thread. When this program ends, however it ends, its containers end with it.
/// </remarks>
public interface IOrca
{
    /// <summary>The images that containers run from.</summary>
    IOrcaImages Images { get; }

    /// <summary>The containers that are kept between runs.</summary>
    IOrcaContainers Kept { get; }

    /// <summary>Runs a command in a container to its end and returns what it printed. Pulls the image when it must.</summary>
    /// <param name="start">What to run. Output and error that are <see cref="ContainerOutput.Pipe"/> are captured.</param>
    /// <param name="cancellationToken">Ends the container. A command that had ended by itself before still gives its result.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left of the container.</exception>
    /// <exception cref="ContainerFailedException">The command did not end well, and <see cref="ContainerStart.ThrowOnFailure"/> is set.</exception>
    /// <exception cref="Core.Errors.OrcaException">The container could not be started: registry, content and layer exceptions come from a pull, store and sandbox exceptions from the start.</exception>
    /// <exception cref="ArgumentException">The input is a pipe, which nobody could write to, or <see cref="ContainerStart.CaptureLimit"/> is negative.</exception>
    Task<ContainerResult> RunAsync(ContainerStart start, CancellationToken cancellationToken = default);

    /// <summary>Starts a command in a container and returns when it runs and <see cref="ContainerStart.Ready"/> is met. Pulls the image when it must.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="cancellationToken">Ends a start that is under way, and its container; it has no effect after the start has returned.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the command ran and <see cref="ContainerStart.Ready"/> was met; nothing is left of the container.</exception>
    /// <exception cref="ContainerNotReadyException">The container ended, or its time was over, before it was ready; nothing is left of it.</exception>
    /// <exception cref="Core.Errors.OrcaException">As <see cref="RunAsync"/>.</exception>
    Task<IRunningContainer> StartAsync(ContainerStart start, CancellationToken cancellationToken = default);
}
