namespace Orca;

/// <summary>A container that runs and may not be ready yet.</summary>
public sealed class StartingContainer
{
    private readonly OutputTap _tap;

    internal StartingContainer(ContainerInfo info, ContainerStart start, IContainerFiles files, OutputTap tap) => (Info, Start, Files, _tap) = (info, start, files, tap);

    /// <summary>The facts about the container.</summary>
    public ContainerInfo Info { get; }

    /// <summary>The start that was requested.</summary>
    public ContainerStart Start { get; }

    /// <summary>The files of the container.</summary>
    public IContainerFiles Files { get; }

    /// <summary>Reads the container's output from its first line on; each enumeration begins there. The lines stay in the program's pipes.</summary>
    /// <remarks>Output that goes to a handle or nowhere is not seen. Of very much output the oldest lines are forgotten.</remarks>
    public IAsyncEnumerable<OutputLine> ReadLinesAsync(CancellationToken cancellationToken = default) => _tap.ReadLinesAsync(cancellationToken);
}
