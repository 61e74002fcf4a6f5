namespace Orca;

/// <summary>A container that runs and may not be ready yet.</summary>
public sealed class StartingContainer
{
    private readonly IRunningContainer _container;
    private readonly OutputTap _tap;

    internal StartingContainer(IRunningContainer container, ContainerStart start, OutputTap tap) => (_container, Start, _tap) = (container, start, tap);

    /// <summary>The facts about the container.</summary>
    public ContainerInfo Info => _container.Info;

    /// <summary>The start that was requested.</summary>
    public ContainerStart Start { get; }

    /// <summary>The files of the container.</summary>
    public IContainerFiles Files => _container.Files;

    /// <summary>Reads the container's output from its first line on; each enumeration begins there. The lines stay in the program's pipes.</summary>
    /// <remarks>Output that goes to a handle or nowhere is not seen. Of very much output the oldest lines are forgotten.</remarks>
    public IAsyncEnumerable<OutputLine> ReadLinesAsync(CancellationToken cancellationToken = default) => _tap.ReadLinesAsync(cancellationToken);

    /// <summary>Runs another command in the container to its end, as <see cref="RunningContainers.ExecAsync"/>.</summary>
    public Task<ContainerResult> ExecAsync(ContainerExec exec, CancellationToken cancellationToken = default) => RunningContainers.RunAsync(_container, exec, cancellationToken);
}
