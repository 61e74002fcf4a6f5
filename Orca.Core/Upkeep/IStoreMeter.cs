namespace Orca.Core.Upkeep;

/// <summary>Measures a store, also while other processes work in it.</summary>
public interface IStoreMeter
{
    /// <summary>Measures everything in the store, on the disk.</summary>
    StoreUsage Measure();

    /// <summary>How many bytes of each image's files other images have too; cheap when no two images have a layer in common.</summary>
    IReadOnlyList<ImageSharing> MeasureSharing();
}
