using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>The upkeep of a store of plain files.</summary>
internal sealed class StoreUpkeep(StoreRoot store, ImageStore images) : IStoreUpkeep
{
    public PruneReport Prune(PruneOptions options) =>
        new StorePruner(store, new ImageRemover(store, new ReferenceCatalog(store), new StagingArea(store)), new LayerCatalog(store, images)).Run(options);

    public StoreReport Check(CheckOptions options, CancellationToken cancellationToken) =>
        new StoreChecker(store, new ReferenceCatalog(store)).Run(options, cancellationToken);
}
