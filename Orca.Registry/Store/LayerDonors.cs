using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Sharing;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Finds layers in the images of a store.</summary>
internal sealed class LayerDonors(StoreRoot store, ImageReader reader)
{
    /// <summary>True when an image has this layer, whole or in part. Needs no lock: the answer may be old when it comes.</summary>
    internal bool Has(Digest diffId) => ImagesWith(diffId).Any();

    /// <summary>The layer in each image that has it and is not being removed. Holds that image's lock, shared, until disposed.</summary>
    internal IEnumerable<LayerDonor> Find(Digest diffId) => ImagesWith(diffId).Select(image => TryOpen(image, diffId)).OfType<LayerDonor>();

    /// <summary>Images with a layer, those first whose upper layers hide nothing of it.</summary>
    private IEnumerable<Digest> ImagesWith(Digest diffId)
    {
        if (store.TryOpen() is not { } root)
        {
            return [];
        }

        var images = new List<Digest>();
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            if (StorePaths.TryReadName(name, out var image) && StoreDirectory.Exists(root, $"{Layers(image)}/{LayerNames.Files(diffId)}"))
            {
                images.Add(image);
            }
        }

        return images.OrderBy(image => StoreDirectory.Exists(root, $"{Layers(image)}/{LayerNames.Aside(diffId)}"));
    }

    private LayerDonor? TryOpen(Digest image, Digest diffId)
    {
        var root = store.Open();
        if (FileLock.TryAcquire(root, StorePaths.ImageLock(image), exclusive: false) is not { } held)
        {
            return null; // it is being removed
        }

        Fd? tree = null, layers = null;
        LayerDonor? donor = null;
        try
        {
            if (reader.Read(image) is not null
                && FileSystem.TryOpen(root, PathZ.From($"{StorePaths.Image(image)}/{ImageReader.RootfsName}"), O_PATH | O_DIRECTORY | O_NOFOLLOW, out tree) == Errno.None
                && FileSystem.TryOpen(root, PathZ.From(Layers(image)), O_PATH | O_DIRECTORY | O_NOFOLLOW, out layers) == Errno.None)
            {
                donor = new LayerDonor(tree!, layers!, diffId, store.IsShared ? OwnerMode.SetIds : 0, held);
            }

            return donor;
        }
        finally
        {
            if (donor is null)
            {
                tree?.Dispose();
                layers?.Dispose();
                held.Dispose();
            }
        }
    }

    private static string Layers(Digest image) => $"{StorePaths.Image(image)}/{LayerNames.Directory}";
}
