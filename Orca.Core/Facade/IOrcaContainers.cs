using Orca.Core.Containers;

namespace Orca;

/// <summary>The kept containers of the store: those that runs with a <see cref="ContainerStart.Name"/> made. Safe to use from many threads, and beside other programs on the same store.</summary>
public interface IOrcaContainers
{
    /// <summary>Returns the kept containers, by name.</summary>
    /// <exception cref="Core.Errors.StoreException">The store cannot be read.</exception>
    Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns the kept container of a name; null when there is none.</summary>
    /// <exception cref="Core.Errors.StoreException">The store cannot be read.</exception>
    Task<ContainerSummary?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes a kept container and its changes.</summary>
    /// <param name="name">The name.</param>
    /// <param name="force">True: the program that runs it is killed.</param>
    /// <param name="cancellationToken">Ends the call before it has begun.</param>
    /// <exception cref="Core.Errors.StoreException">There is no such container, or it runs and <paramref name="force"/> is false.</exception>
    Task RemoveAsync(string name, bool force = false, CancellationToken cancellationToken = default);

    /// <summary>Writes the root file system of a container, its image and its changes, as a tar archive. It may run.</summary>
    /// <exception cref="Core.Errors.StoreException">There is no such container, or its files cannot be read.</exception>
    Task ExportAsync(string name, Stream output, CancellationToken cancellationToken = default);

    /// <summary>Returns the files of a kept container that does not run, to be read. The files of one that runs are <see cref="IRunningContainer.Files"/>.</summary>
    /// <remarks>
    /// Each call opens the container for its time: a run of it fails meanwhile. Links are followed inside. Writing throws <see cref="IOException"/>.
    /// </remarks>
    IContainerFiles Files(string name);
}
