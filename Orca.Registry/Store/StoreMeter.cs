using System.Text;
using Orca.Core.Linux;
using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>Measures a store on the disk. What several images share is told apart by the number of names that a file has.</summary>
internal sealed class StoreMeter(StoreRoot store, ImageStore images) : IStoreMeter
{
    public (string Store, string FileSystem) Locate() =>
        (store.Path, store.TryOpen() is { } root ? FileSystemNames.Of(FileSystem.StateOf(root).Type) : "none");

    public StoreUsage Measure()
    {
        if (store.TryOpen() is not { } root)
        {
            return new StoreUsage { Store = store.Path, FileSystem = "none", Free = 0, Images = [], ImageBytes = 0, Containers = [], Parts = default, Staging = default, Garbage = default };
        }

        var state = FileSystem.StateOf(root);
        var usage = new DiskUsage();
        var measured = images.Own().Select(image => (Image: image, Tree: usage.Add(root, StorePaths.Image(image.Digest)))).ToList();
        usage.Settle();
        var layers = new LayerUsage(root);
        var (containers, deadContainers) = Containers(root, layers);
        var (staging, deadStaging) = Staging(root);
        return new StoreUsage
        {
            Store = store.Path,
            FileSystem = FileSystemNames.Of(state.Type),
            Free = state.FreeBytes,
            Images = [.. measured.Select(static entry => new ImageUsage(entry.Image, entry.Tree.Bytes, entry.Tree.Shared))],
            ImageBytes = usage.Total,
            Containers = containers,
            Volumes = [.. VolumeStore.Names(root).Order(StringComparer.Ordinal).Select(name => new VolumeUsage(name, SizeOf(root, $"{VolumeStore.Directory}/{name}")))],
            Parts = Parts(root),
            Staging = staging,
            Snapshots = layers.Snapshots,
            Garbage = new PileUsage(deadContainers.Count + deadStaging.Count + layers.Unused.Count, deadContainers.Bytes + deadStaging.Bytes + layers.Unused.Bytes),
        };
    }

    public IReadOnlyList<StoreFinding> FindDamage(bool containersOnly = false) =>
        new StoreChecker(store, new ReferenceCatalog(store), images.Behind).FindDamage(containersOnly);

    public IReadOnlyList<ImageSharing> MeasureSharing()
    {
        if (store.TryOpen() is not { } root)
        {
            return [];
        }

        var usage = new DiskUsage();
        var measured = new LayerCatalog(store, images).WithCommonLayers().Select(image => (Image: image, Tree: usage.Add(root, image.Rootfs))).ToList();
        usage.Settle();
        return [.. measured.Select(static entry => new ImageSharing(entry.Image, entry.Tree.SharedSize))];
    }

    private static (List<ContainerUsage> Live, PileUsage Dead) Containers(Fd root, LayerUsage layers)
    {
        var live = new List<ContainerUsage>();
        var dead = default(PileUsage);
        foreach (var bytes in StoreDirectory.List(root, StorePaths.Containers))
        {
            var name = Encoding.UTF8.GetString(bytes);
            if (!ContainerNames.IsValid(name))
            {
                continue;
            }

            var size = SizeOf(root, StorePaths.Container(name)) + layers.UpperOf(name);
            if (ContainerCatalog.Read(root, name) is { IsKept: true } || (!ContainerNames.IsRandom(name) && ContainerCatalog.IsDamaged(root, name)) || ContainerCatalog.IsHeld(root, name))
            {
                live.Add(new ContainerUsage(name, size));
            }
            else
            {
                dead = new PileUsage(dead.Count + 1, dead.Bytes + size);
            }
        }

        live.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return (live, dead);
    }

    private static PileUsage Parts(Fd root)
    {
        var parts = default(PileUsage);
        foreach (var name in StoreDirectory.List(root, StorePaths.Parts))
        {
            if (StorePaths.TryReadName(name, out var digest))
            {
                parts = new PileUsage(parts.Count + 1, parts.Bytes + SizeOf(root, StorePaths.Part(digest)));
            }
        }

        return parts;
    }

    private static (PileUsage Live, PileUsage Dead) Staging(Fd root)
    {
        var (live, dead) = (default(PileUsage), default(PileUsage));
        foreach (var path in StagingArea.Paths(root))
        {
            bool isHeld;
            try
            {
                using var free = FileLock.TryAcquire(root, path + StagingArea.LockSuffix, exclusive: false, create: false);
                isHeld = free is null;
            }
            catch (LinuxException)
            {
                isHeld = false; // it has no lock
            }

            ref var pile = ref isHeld ? ref live : ref dead;
            pile = new PileUsage(pile.Count + 1, pile.Bytes + SizeOf(root, path));
        }

        return (live, dead);
    }

    private static long SizeOf(Fd root, string path) => new DiskUsage().Add(root, path).Bytes;
}
