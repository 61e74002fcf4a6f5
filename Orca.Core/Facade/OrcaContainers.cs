using Orca.Core.Containers;
using Orca.Core.Images;

namespace Orca;

/// <summary>The kept containers over the interfaces of the store, which are asked for when they are first used.</summary>
internal sealed class OrcaContainers(IContainerStore store, Lazy<IArchiveWriter> archives) : IOrcaContainers
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken = default) => Task.Run(Kept, cancellationToken);

    /// <inheritdoc/>
    public Task<ContainerSummary?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() => Kept().FirstOrDefault(one => one.Record.Name == name), cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(string name, bool force = false, CancellationToken cancellationToken = default) => Task.Run(() => store.Remove(name, force), cancellationToken);

    /// <inheritdoc/>
    public Task ExportAsync(string name, Stream output, CancellationToken cancellationToken = default) =>
        Task.Run(() => archives.Value.Export(name, output, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IContainerFiles Files(string name) => new KeptFiles(store, name);

    private IReadOnlyList<ContainerSummary> Kept() => [.. store.List().Where(static one => one.Kept)];
}
