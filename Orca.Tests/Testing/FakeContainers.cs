using System.Collections.Concurrent;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Testing;

/// <summary>The kept containers of a <see cref="FakeOrca"/>: those that were started with a name.</summary>
internal sealed class FakeContainers : IOrcaContainers
{
    private readonly ConcurrentDictionary<string, (ContainerRecord Record, FakeFiles Files, Func<bool> Runs)> _kept = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<ContainerSummary>>([.. _kept.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => Summary(one.Value.Record, one.Value.Runs))]);
    }

    /// <inheritdoc/>
    public Task<ContainerSummary?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_kept.TryGetValue(name, out var one) ? Summary(one.Record, one.Runs) : null);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string name, bool force = false, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_kept.TryGetValue(name, out var one))
        {
            return Task.FromException(new StoreException($"cannot remove container '{name}': there is no such container"));
        }

        if (one.Runs())
        {
            return Task.FromException(new StoreException($"cannot remove container '{name}': process {Environment.ProcessId} runs it"));
        }

        Forget(name);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ExportAsync(string name, Stream output, CancellationToken cancellationToken = default)
    {
        var one = Find("export", name);
        var tar = new System.Formats.Tar.TarWriter(output, leaveOpen: true);
        await using (tar.ConfigureAwait(false))
        {
            foreach (var (path, bytes) in one.All())
            {
                var entry = new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, path.TrimStart('/')) { DataStream = new MemoryStream(bytes, writable: false) };
                await tar.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public IContainerFiles Files(string name) => _kept.TryGetValue(name, out var one) ? one.Files.AtRest(one.Runs) : new FakeFiles([]).AtRest(static () => true);

    internal void Add(ContainerRecord record, FakeFiles files, Func<bool> runs) => _kept[record.Name] = (record, files, runs);

    internal void Forget(string name) => _kept.TryRemove(name, out _);

    private static ContainerSummary Summary(ContainerRecord record, Func<bool> runs) => new() { Record = record, Kept = true, ProcessId = runs() ? Environment.ProcessId : null };

    private FakeFiles Find(string verb, string name) =>
        _kept.TryGetValue(name, out var one) ? one.Files : throw new StoreException($"cannot {verb} container '{name}': there is no such container");
}
