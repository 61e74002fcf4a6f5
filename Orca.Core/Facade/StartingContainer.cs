namespace Orca;

/// <summary>A container that runs and may not be ready yet.</summary>
public sealed class StartingContainer
{
    private readonly OutputTap _tap;

    internal StartingContainer(ContainerInfo info, ContainerStart start, IContainerFiles files, OutputTap tap) => (Info, Start, Files, _tap) = (info, start, files, tap);

    /// <summary>What is known of it.</summary>
    public ContainerInfo Info { get; }

    /// <summary>What was asked for.</summary>
    public ContainerStart Start { get; }

    /// <summary>Its files.</summary>
    public IContainerFiles Files { get; }

    /// <summary>Reads what it writes, from the first line on; each enumeration for itself. The lines are not taken from the program's pipes.</summary>
    /// <remarks>Output that goes to a handle or nowhere is not seen. Of very much output the oldest lines are forgotten.</remarks>
    public IAsyncEnumerable<OutputLine> ReadLinesAsync(CancellationToken cancellationToken = default) => _tap.ReadLinesAsync(cancellationToken);
}
