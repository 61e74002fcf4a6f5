namespace Orca;

/// <summary>Says when a container that was started is ready for what the program wants of it. <see cref="Ready"/> has the usual ones; a program may have its own.</summary>
public interface IReadiness
{
    /// <summary>Completes when the container is ready. It is not called again.</summary>
    /// <param name="container">The container, whose command runs.</param>
    /// <param name="cancellationToken">Cancelled when <see cref="ContainerStart.ReadyTimeout"/> is over, the container has ended, or the start is cancelled. Then nobody waits for the task any more.</param>
    Task WaitAsync(StartingContainer container, CancellationToken cancellationToken);
}
