using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>The stores that stand behind the own one: read, never written, never locked.</summary>
internal sealed class AdditionalStores : IDisposable
{
    private readonly List<(StoreRoot Store, ReferenceCatalog Names, ImageReader Reader)> _stores = [];

    /// <summary>None, or those of the paths, in the order in which they are asked.</summary>
    internal AdditionalStores(IEnumerable<StoreLocation> locations, Func<Digest, List<ImageReference>> namesOf)
    {
        foreach (var location in locations)
        {
            var store = new StoreRoot(location, isReadOnly: true);
            _stores.Add((store, new ReferenceCatalog(store), new ImageReader(store, namesOf)));
        }
    }

    /// <summary>Where a name leads; null when no store has an image of that name.</summary>
    internal StoredImage? Find(ImageReference reference)
    {
        foreach (var (_, names, _) in _stores)
        {
            if (names.Find(reference) is { } digest && Find(digest) is { } image)
            {
                return image;
            }
        }

        return null;
    }

    /// <summary>The image of a digest; null when no store has it whole.</summary>
    internal StoredImage? Find(Digest digest)
    {
        foreach (var (_, _, reader) in _stores)
        {
            if (reader.Read(digest) is { } image)
            {
                return image;
            }
        }

        return null;
    }

    /// <summary>All names, the first store's first.</summary>
    internal IEnumerable<(ImageReference Reference, Digest Digest)> Names() => _stores.SelectMany(static entry => entry.Names.All());

    /// <summary>The digests of all images, the first store's first.</summary>
    internal IEnumerable<Digest> Digests()
    {
        foreach (var (store, _, _) in _stores)
        {
            if (store.TryOpen() is not { } root)
            {
                continue;
            }

            foreach (var name in StoreDirectory.List(root, StorePaths.Images))
            {
                if (StorePaths.TryReadName(name, out var digest))
                {
                    yield return digest;
                }
            }
        }
    }

    /// <summary>Why an image of another store is not removed.</summary>
    internal static StoreException Refuse(ImageReference reference, StoredImage image) => new(
        $"cannot remove image '{reference.Familiar}': it is in the store '{Quoted.Text(image.Store!)}', which stands behind this one and is only read",
        "its owner can remove it there; without that store in ORCA_STORES it is not seen");

    public void Dispose() => _stores.ForEach(static entry => entry.Store.Dispose());
}
