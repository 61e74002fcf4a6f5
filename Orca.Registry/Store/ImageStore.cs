using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;

namespace Orca.Registry.Store;

/// <summary>Images as plain directories below a store's root; docs/store.md has the layout, the locks and why a crash harms nothing.</summary>
internal sealed class ImageStore : IImageStore, IImageNames, IDisposable
{
    private readonly StoreRoot _store;
    private readonly ReferenceCatalog _names;
    private readonly ImageReader _reader;
    private readonly StagingArea _staging;
    private readonly ImageRemover _remover;
    private readonly TimeProvider _time;
    private readonly LockNotice _notice;
    private readonly LayerLimits _limits;
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    internal ImageStore(
        StoreRoot store, TimeProvider time, IEnumerable<StoreLocation>? behind = null, Action<string>? notice = null, ImageLimits? limits = null, bool keepsHidden = true)
    {
        _limits = LayerLimits.Of(limits ?? ImageLimits.Default);
        _limits = keepsHidden ? _limits : _limits with { KeepsHidden = false };
        _store = store;
        _time = time;
        _notice = new LockNotice(notice, time);
        _names = new ReferenceCatalog(store);
        Behind = new AdditionalStores(behind ?? [], NamesOf);
        _reader = new ImageReader(store, NamesOf);
        _staging = new StagingArea(store);
        _remover = new ImageRemover(store, _names, _staging, Say);
    }

    /// <summary>The stores behind this one.</summary>
    internal AdditionalStores Behind { get; }

    public StoredImage? Find(ImageReference reference)
    {
        var named = _names.Find(reference);
        var found = (named is { } own ? Find(own) : null) ?? Behind.Find(reference) ?? (reference.Digest is { } digest ? Find(digest) : null);
        if (found is null)
        {
            SayDamage(reference, named ?? reference.Digest);
        }

        return found;
    }

    public StoredImage? Find(Digest digest) => _reader.Read(digest) ?? Behind.Find(digest);

    public IReadOnlyList<StoredImage> List()
    {
        var images = Own();
        var others = Behind.Digests().Distinct().Except(images.Select(static image => image.Digest)).Select(Behind.Find).OfType<StoredImage>().ToList();
        return others.Count == 0 ? images : Sorted([.. images, .. others], Names());
    }

    /// <summary>An image that counts as absent because it is damaged is not fetched, or refused, without a word.</summary>
    private void SayDamage(ImageReference reference, Digest? digest)
    {
        if (digest is null && _names.IsDamaged(reference))
        {
            Say($"the name '{reference.Familiar}' in the store cannot be read, and counts as absent; 'orca system check' says what repairs it");
        }
        else if (digest is { } known && _reader.IsThere(known))
        {
            string? problem = null;
            new ImageChecker(_store.Open(), known, first => problem ??= first).CheckRecords();
            Say($"image '{reference.Familiar}' in the store is damaged, and counts as absent: {problem ?? "it cannot be read"}; to repair it: {StoreChecker.RepairOf(reference)}");
        }
    }

    /// <summary>Says what of something removed is left on the disk.</summary>
    internal void SayLeft((string Name, Errno Error) failure) => _remover.SayLeft(failure);

    /// <summary>Says a thing once, however often it is come upon.</summary>
    private void Say(string line)
    {
        lock (_said)
        {
            if (!_said.Add(line))
            {
                return;
            }
        }

        _notice.Say(line);
    }

    /// <summary>The images that lie in this store itself.</summary>
    internal List<StoredImage> Own()
    {
        if (_store.TryOpen() is not { } root)
        {
            return [];
        }

        var images = new List<StoredImage>();
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            if (StorePaths.TryReadName(name, out var digest) && _reader.Read(digest) is { } image)
            {
                images.Add(image);
            }
        }

        return Sorted(images, Names());
    }

    public IImageBuilder Begin(ImageContent content, CancellationToken cancellationToken = default)
    {
        if (_reader.Read(content.Digest) is null && Behind.Find(content.Digest) is { } there)
        {
            return new AdditionalStoreImage(this, there);
        }

        if (_reader.Read(content.Digest) is null)
        {
            StoreReadiness.Require(_store, _notice);
        }

        Sweep();
        return ImageBuilder.Begin(new ImageBuilder.Context(_store, _reader, _staging, this, new ReusableLayers(_store, _reader, content.Config.DiffIds), _time, _notice, _limits), content, cancellationToken);
    }

    public void Tag(ImageReference reference, Digest digest)
    {
        if (_reader.Read(digest) is null && Behind.Find(digest) is not null)
        {
            WriteName(reference, digest);
            return;
        }

        // Held so that nobody removes the image between the look and the name.
        using var held = FileLock.Acquire(
            _store.Open(), StorePaths.ImageLock(digest), exclusive: false, CancellationToken.None,
            _notice.Begin(_store.Open(), StorePaths.ImageLock(digest), "builds or removes the same image"));
        TagHeld(reference, digest);
    }

    public bool Untag(ImageReference reference)
    {
        if (_names.Find(reference) is null)
        {
            return false;
        }

        _names.Delete(reference);
        return true;
    }

    public IReadOnlyList<Digest> Remove(ImageReference reference, bool force)
    {
        Sweep();
        var named = _names.Find(reference);
        var digest = named ?? (reference.Digest is { } pinned && _reader.IsThere(pinned) ? pinned : (Digest?)null);
        if (digest is null && Find(reference) is { Store: not null } elsewhere)
        {
            throw AdditionalStores.Refuse(reference, elsewhere);
        }

        if (digest is null && _names.IsDamaged(reference))
        {
            _names.Delete(reference);
            return [];
        }

        return digest is { } known ? _remover.Remove(reference, known, force) : force ? [] : throw ImageRemover.Missing(reference);
    }

    /// <summary>Writes a name of an image that lies in a store behind this one.</summary>
    internal void WriteName(ImageReference reference, Digest digest)
    {
        _store.Open();
        _store.EnsureDirectories();
        _names.Write(reference, digest);
    }

    public void Dispose() => Behind.Dispose();

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

    /// <summary>Every name and where it leads: what the own store says goes before what those behind it say.</summary>
    private Dictionary<ImageReference, Digest> Names()
    {
        var names = _names.All().ToDictionary(static entry => entry.Reference, static entry => entry.Digest);
        foreach (var (reference, digest) in Behind.Names())
        {
            names.TryAdd(reference, digest);
        }

        return names;
    }

    private List<ImageReference> NamesOf(Digest digest) =>
        [.. Names().Where(entry => entry.Value == digest).Select(static entry => entry.Key).OrderBy(static name => name.ToString(), StringComparer.Ordinal)];

    private static List<StoredImage> Sorted(List<StoredImage> images, Dictionary<ImageReference, Digest> names)
    {
        var byDigest = names.OrderBy(static entry => entry.Key.ToString(), StringComparer.Ordinal).ToLookup(static entry => entry.Value, static entry => entry.Key);
        return [.. images.Select(image => image with { References = [.. byDigest[image.Digest]] }).OrderBy(SortKey, StringComparer.Ordinal)];
    }

    private static string SortKey(StoredImage image) =>
        image.References.Count > 0 ? image.References[0].ToString() : "\uFFFF" + image.Digest;
}
