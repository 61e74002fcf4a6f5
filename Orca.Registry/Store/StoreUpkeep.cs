using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>The upkeep of a store of plain files.</summary>
internal sealed class StoreUpkeep(StoreRoot store, ImageStore images) : IStoreUpkeep
{
    public PruneReport Prune(PruneOptions options) =>
        new StorePruner(store, new ImageRemover(store, new ReferenceCatalog(store), new StagingArea(store)), new LayerCatalog(store, images), images.Behind).Run(options);

    public ShareReport Share()
    {
        new StoreSharing(store, images).Open(out var cleared);
        return new ShareReport(store.Path, cleared);
    }

    public void Unshare() => new StoreSharing(store, images).Close();

    public StoreReport Check(CheckOptions options, CancellationToken cancellationToken) =>
        new StoreChecker(store, new ReferenceCatalog(store), images.Behind).Run(options, cancellationToken);
}
