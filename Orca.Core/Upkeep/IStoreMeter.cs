namespace Orca.Core.Upkeep;

/// <summary>Measures a store, also while other processes work in it.</summary>
public interface IStoreMeter
{
    /// <summary>Returns the store's directory and the name of its file system, "none" before it is made. Nothing is measured.</summary>
    (string Store, string FileSystem) Locate();

    /// <summary>Measures everything in the store, on the disk.</summary>
    StoreUsage Measure();

    /// <summary>Finds the records, names and directories of the store that cannot be used: what they stand for is left out of every list.</summary>
    /// <remarks>No tree is looked at, so it takes about as long as listing the images; <see cref="IStoreUpkeep.Check"/> finds the rest.</remarks>
    /// <param name="containersOnly">True to look at containers alone, and at no image.</param>
    IReadOnlyList<StoreFinding> FindDamage(bool containersOnly = false);

    /// <summary>How many bytes of each image's files other images have too; cheap when no two images have a layer in common.</summary>
    IReadOnlyList<ImageSharing> MeasureSharing();
}
