using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>Images as plain directories below a store's root; docs/store.md has the layout, the locks and why a crash harms nothing.</summary>
internal sealed class ImageStore : IImageStore
{
    private readonly StoreRoot _store;
    private readonly ReferenceCatalog _names;
    private readonly ImageReader _reader;
    private readonly StagingArea _staging;
    private readonly ImageRemover _remover;
    private readonly TimeProvider _time;

    internal ImageStore(StoreRoot store, TimeProvider time)
    {
        _store = store;
        _time = time;
        _names = new ReferenceCatalog(store);
        _reader = new ImageReader(store, _names);
        _staging = new StagingArea(store);
        _remover = new ImageRemover(store, _names, _staging);
    }

    public StoredImage? Find(ImageReference reference) =>
        _names.Find(reference) is { } named && _reader.Read(named) is { } image ? image
        : reference.Digest is { } digest ? _reader.Read(digest) : null;

    public StoredImage? Find(Digest digest) => _reader.Read(digest);

    public IReadOnlyList<StoredImage> List() => Own();

    /// <summary>The images that lie in this store itself.</summary>
    internal IReadOnlyList<StoredImage> Own()
    {
        if (_store.TryOpen() is not { } root)
        {
            return [];
        }

        var names = _names.All().ToLookup(static entry => entry.Digest, static entry => entry.Reference);
        var images = new List<StoredImage>();
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            if (StorePaths.TryReadName(name, out var digest) && _reader.Read(digest) is { } image)
            {
                images.Add(image with { References = [.. names[digest]] });
            }
        }

        images.Sort(static (a, b) => string.CompareOrdinal(SortKey(a), SortKey(b)));
        return images;
    }

    public IImageBuilder Begin(ImageContent content, CancellationToken cancellationToken = default)
    {
        Sweep();
        return ImageBuilder.Begin(new ImageBuilder.Surroundings(_store, _reader, _staging, this, _time), content, cancellationToken);
    }

    public void Tag(ImageReference reference, Digest digest)
    {
        // Held so that nobody removes the image between the look and the name.
        using var held = FileLock.Acquire(_store.Open(), StorePaths.ImageLock(digest), exclusive: false, CancellationToken.None);
        TagHeld(reference, digest);
    }

    public IReadOnlyList<Digest> Remove(ImageReference reference, bool force)
    {
        Sweep();
        var named = _names.Find(reference);
        var digest = named ?? (reference.Digest is { } pinned && _reader.IsThere(pinned) ? pinned : (Digest?)null);
        return digest is { } known ? _remover.Remove(reference, known, force) : force ? [] : throw ImageRemover.Missing(reference);
    }

    /// <summary>Names an image whose lock the caller holds.</summary>
    internal void TagHeld(ImageReference reference, Digest digest)
    {
        if (_reader.Read(digest) is null)
        {
            throw new StoreException($"cannot name image '{reference.Familiar}': {digest} is not in the store");
        }

        _names.Write(reference, digest);
        ImageRemover.Spare(_store.Open(), digest);
    }

    /// <summary>Deletes what crashes and removals under containers have left.</summary>
    internal void Sweep()
    {
        _staging.Sweep();
        _remover.SweepDoomed();
    }

    private static string SortKey(StoredImage image) =>
        image.References.Count > 0 ? image.References[0].ToString() : "\uFFFF" + image.Digest;
}
