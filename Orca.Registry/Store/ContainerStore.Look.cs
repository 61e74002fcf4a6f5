using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <content>What is known of containers without holding them.</content>
internal sealed partial class ContainerStore
{
    public ContainerInstance? FindRunning(string name) =>
        ContainerNames.IsValid(name) && store.TryOpen() is { } root && !StoreDirectory.IsAbsent(root, StorePaths.Container(name)) ? ContainerInstances.Find(root, name) : throw Missing("find", name);

    public IReadOnlyList<ContainerSummary> List()
    {
        var root = store.TryOpen();
        return [.. _catalog.All().Where(static entry => entry.Counts).Select(entry => Describe(root!, entry))];
    }

    public ContainerSummary? Look(string name) => ContainerNames.IsValid(name) && store.TryOpen() is { } root && ContainerCatalog.Find(root, name) is { Counts: true } entry ? Describe(root, entry) : null;

    public IContainerWatch Watch(string name) => ContainerStatus.Watch(OpenDirectory(name));

    public Fd OpenDirectory(string name)
    {
        Fd? directory = null;
        return ContainerNames.IsValid(name) && store.TryOpen() is { } root
            && FileSystem.TryOpen(root, PathZ.From(StorePaths.Container(name)), Tmds.Linux.LibC.O_PATH | Tmds.Linux.LibC.O_DIRECTORY | Tmds.Linux.LibC.O_NOFOLLOW, out directory) == Errno.None
                ? directory! : throw Missing("find", name);
    }

    private static ContainerSummary Describe(Fd root, ContainerEntry entry) => new()
    {
        Record = entry.Record,
        Kept = entry.IsKept,
        ProcessId = entry.ProcessId,
        IsHeld = entry.IsHeld,
        Times = ContainerStatus.Read(root, entry.Record.Name),
    };

    public IReadOnlyList<ContainerChange> Changes(string name)
    {
        var record = Look(name)?.Record ?? throw Missing("list the changes of", name);
        if (store.TryOpen() is { } root && StoreDirectory.Exists(root, LayerState.PathOf(name)))
        {
            return new SnapshotStore(store, images, TimeProvider.System).Compare(name, 0, null);
        }

        return ContainerChanges.Of(store.Open(), name, images.Find(record.ImageDigest) ?? throw new StoreException($"cannot list the changes of container '{name}': its image is not whole in the store"));
    }

    public void Rename(string from, string to) => ContainerRenamer.Rename(store, from, to);
}
