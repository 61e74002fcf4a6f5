using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Fakes;

/// <summary>Images in memory: layers are read to their end and forgotten, names and digests behave as the real store's.</summary>
internal sealed class MemoryImageStore : IImageStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, StoredImage> _images = [];
    private readonly Dictionary<string, (ImageReference Reference, Digest Digest)> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, SemaphoreSlim> _building = [];

    public StoredImage? Find(ImageReference reference)
    {
        lock (_gate)
        {
            return _names.TryGetValue(reference.ToString(), out var named) ? Get(named.Digest) : reference.Digest is { } digest ? Get(digest) : null;
        }
    }

    public StoredImage? Find(Digest digest)
    {
        lock (_gate)
        {
            return Get(digest);
        }
    }

    public IReadOnlyList<StoredImage> List()
    {
        lock (_gate)
        {
            return [.. _images.Keys.Select(digest => Get(digest)!)
                .OrderBy(image => image.References.Count > 0 ? image.References[0].ToString() : "\uFFFF" + image.Digest, StringComparer.Ordinal)];
        }
    }

    public IImageBuilder Begin(ImageContent content, CancellationToken cancellationToken = default)
    {
        SemaphoreSlim? gate;
        lock (_gate)
        {
            if (!_building.TryGetValue(content.Digest, out gate))
            {
                _building[content.Digest] = gate = new SemaphoreSlim(1);
            }
        }

        gate.Wait(cancellationToken);
        return new Builder(this, content, gate);
    }

    public void Tag(ImageReference reference, Digest digest)
    {
        lock (_gate)
        {
            if (!_images.ContainsKey(digest))
            {
                throw new StoreException($"cannot name image '{reference.Familiar}': {digest} is not in the store");
            }

            _names[reference.ToString()] = (reference, digest);
        }
    }

    public IReadOnlyList<Digest> Remove(ImageReference reference, bool force)
    {
        lock (_gate)
        {
            if (Find(reference) is not { } image)
            {
                return force ? [] : throw new StoreException($"cannot remove image '{reference.Familiar}': it is not in the store");
            }

            var isName = _names.Remove(reference.ToString());
            if (Get(image.Digest)!.References.Count > 0)
            {
                return isName ? [] : throw new StoreException($"cannot remove image '{reference.Familiar}': it has other names");
            }

            _images.Remove(image.Digest);
            return [image.Digest];
        }
    }

    /// <summary>Takes an image away, whatever names it has.</summary>
    public void Drop(Digest digest)
    {
        lock (_gate)
        {
            _images.Remove(digest);
        }
    }

    private StoredImage? Get(Digest digest) => _images.TryGetValue(digest, out var image)
        ? image with
        {
            References = [.. _names.Values.Where(entry => entry.Digest == digest).Select(entry => entry.Reference).OrderBy(name => name.ToString(), StringComparer.Ordinal)],
        }
        : null;

    private sealed class Builder(MemoryImageStore store, ImageContent content, SemaphoreSlim gate) : IImageBuilder
    {
        private long _size;
        private bool _isDisposed;

        public StoredImage? Existing { get; } = store.Find(content.Digest);

        public void Apply(Stream layer, CancellationToken cancellationToken)
        {
            var buffer = new byte[8192];
            while (layer.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _size += count;
            }
        }

        public void Apply(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken)
        {
            foreach (var layer in layers)
            {
                using var stream = layer.Open(cancellationToken);
                Apply(stream, cancellationToken);
            }
        }

        public bool Has(Digest diffId)
        {
            lock (store._gate)
            {
                return store._images.Values.Any(image => image.Config.DiffIds.Contains(diffId));
            }
        }

        public StoredImage Publish(ImageReference reference)
        {
            lock (store._gate)
            {
                store._images.TryAdd(content.Digest, new StoredImage
                {
                    Digest = content.Digest,
                    Config = content.Config,
                    Rootfs = $"images/{content.Digest.Algorithm}-{content.Digest.Hex}/rootfs",
                    References = [],
                    Size = _size,
                    Pulled = DateTimeOffset.UnixEpoch,
                });
            }

            store.Tag(reference, content.Digest);
            return store.Find(content.Digest)!;
        }

        public void Dispose()
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                gate.Release();
            }
        }
    }
}
