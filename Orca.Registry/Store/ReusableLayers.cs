using System.Text;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Reuse;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Finds the layers of one image in the other images of a store.</summary>
/// <remarks>
/// The store is looked through once, when the first question is asked, and that answers all: whoever fetches, whoever asks for room, and whoever takes
/// go by the same. It needs no lock, and may be old when it is used: what is gone by then is not taken.
/// </remarks>
internal sealed class ReusableLayers(StoreRoot store, ImageReader reader, IReadOnlyList<Digest> diffIds)
{
    private Dictionary<Digest, List<Digest>>? _images;

    private Dictionary<Digest, List<Digest>> Images => _images ??= Look();

    /// <summary>True when an image has this layer, whole or in part.</summary>
    internal bool Has(Digest diffId) => Images.ContainsKey(diffId);

    /// <summary>The layer in each image that has it and is not being removed. Holds that image's lock, shared, until disposed.</summary>
    internal IEnumerable<ReusableLayer> Find(Digest diffId) => Images.GetValueOrDefault(diffId, []).Select(image => TryOpen(image, diffId)).OfType<ReusableLayer>();

    /// <summary>No image has the layer as it must be: from now on that is the answer.</summary>
    /// <returns>False when it was before.</returns>
    internal bool MarkUnavailable(Digest diffId) => Images.Remove(diffId);

    /// <summary>For each layer the images with it, those first whose upper layers hide nothing of it.</summary>
    private Dictionary<Digest, List<Digest>> Look()
    {
        var found = new Dictionary<Digest, List<Digest>>();
        if (store.TryOpen() is not { } root)
        {
            return found;
        }

        var wanted = diffIds.Distinct().ToDictionary(LayerNames.Files, StringComparer.Ordinal);
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            if (StorePaths.TryReadName(name, out var image))
            {
                Look(root, image, wanted, found);
            }
        }

        return found;
    }

    private static void Look(Fd root, Digest image, Dictionary<string, Digest> wanted, Dictionary<Digest, List<Digest>> found)
    {
        if (FileSystem.TryOpen(root, PathZ.From(Layers(image)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory) != Errno.None)
        {
            return;
        }

        using (directory)
        {
            var names = DirectoryReader.ReadAll(directory!).Select(static entry => Encoding.UTF8.GetString(entry.Name)).ToHashSet(StringComparer.Ordinal);
            foreach (var (files, diffId) in wanted)
            {
                if (names.Contains(files))
                {
                    var images = found.TryGetValue(diffId, out var known) ? known : found[diffId] = [];
                    images.Insert(names.Contains(LayerNames.Aside(diffId)) ? images.Count : 0, image);
                }
            }
        }
    }

    private ReusableLayer? TryOpen(Digest image, Digest diffId)
    {
        var root = store.Open();
        if (!reader.IsThere(image) || FileLock.TryAcquire(root, StorePaths.ImageLock(image), exclusive: false) is not { } held)
        {
            return null; // it was removed, or is being
        }

        Fd? tree = null, layers = null;
        ReusableLayer? donor = null;
        try
        {
            if (reader.Read(image) is not null && !ImageChecker.IsMarked(root, image)
                && FileSystem.TryOpen(root, PathZ.From($"{StorePaths.Image(image)}/{ImageReader.RootfsName}"), O_PATH | O_DIRECTORY | O_NOFOLLOW, out tree) == Errno.None
                && FileSystem.TryOpen(root, PathZ.From(Layers(image)), O_PATH | O_DIRECTORY | O_NOFOLLOW, out layers) == Errno.None)
            {
                donor = new ReusableLayer(tree!, layers!, diffId, store.IsShared ? OwnerMode.SetIds : 0, held);
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
