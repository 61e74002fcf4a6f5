using Orca.Core.Images;
using Orca.Core.Upkeep;

namespace Orca.Tests.Fakes;

/// <summary>The upkeep of the stores in memory, where nothing is ever damaged, shared, or left behind by the dead.</summary>
internal sealed class MemoryStoreUpkeep(MemoryImageStore images, MemoryContainerStore containers, MemoryPartStore parts) : IStoreUpkeep, IStoreMeter
{
    public (string Store, string FileSystem) Locate() => Measure() is var usage ? (usage.Store, usage.FileSystem) : default;

    public StoreUsage Measure() => new()
    {
        Store = "/memory",
        FileSystem = "memory",
        Free = 1 << 30,
        Images = [.. images.List().Select(image => new ImageUsage(image, image.Size, 0))],
        ImageBytes = images.List().Sum(image => image.Size),
        Containers = [.. containers.List().Select(container => new ContainerUsage(container.Record.Name, 0))],
        Parts = new PileUsage(parts.Count, 0),
        Staging = default,
        Garbage = default,
    };

    public IReadOnlyList<ImageSharing> MeasureSharing() => [];

    public IReadOnlyList<StoreFinding> FindDamage(bool containersOnly = false) => [];

    public PruneReport Prune(PruneOptions options)
    {
        var used = containers.List().Select(container => container.Record.ImageDigest).ToHashSet();
        List<StoredImage> unused = [.. images.List().Where(image => image.References.Count == 0 && !used.Contains(image.Digest))];
        unused.ForEach(image => images.Drop(image.Digest));
        return new PruneReport
        {
            Images = [.. unused.Select(image => image.Digest)],
            Parts = options.Unfinished ? parts.Sweep() : 0,
            Bytes = unused.Sum(image => image.Size),
        };
    }

    public ShareReport Share() => new("/memory", 0);

    public void Unshare()
    {
    }

    public StoreReport Check(CheckOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new StoreReport { Images = images.List().Count, Entries = 0, Findings = [] };
    }
}
