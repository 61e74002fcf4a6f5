using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Testing;

/// <summary>Images in memory that have nothing in them: whatever is pulled or loaded by name is there, and has a digest made of the name.</summary>
internal sealed class FakeImages(TimeProvider time) : IOrcaImages
{
    private readonly ConcurrentDictionary<ImageReference, StoredImage> _images = new();

    /// <inheritdoc/>
    public Task<StoredImage> PullAsync(ImageReference name, Platform? platform = null, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Add(name, platform));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<LoadedImage>> LoadAsync(LoadRequest request, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var name = request.Name ?? request.Location.Reference ?? ImageReference.Parse("loaded");
        return Task.FromResult<IReadOnlyList<LoadedImage>>([new LoadedImage(Add(name, request.Platform), [name], [])]);
    }

    /// <inheritdoc/>
    public Task<StoredImage?> FindAsync(ImageReference name, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_images.GetValueOrDefault(name));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<StoredImage>>([.. _images.OrderBy(static one => one.Key.ToString(), StringComparer.Ordinal).Select(static one => one.Value)]);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(ImageReference name, bool force = false, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _images.TryRemove(name, out _) || force
            ? Task.CompletedTask
            : Task.FromException(new StoreException($"cannot remove image '{name.Familiar}': there is none of that name"));
    }

    internal static Digest DigestOf(ImageReference name) => Digest.OfSha256(SHA256.HashData(Encoding.UTF8.GetBytes(name.ToString())));

    internal StoredImage Add(ImageReference name, Platform? platform) => _images.GetOrAdd(name, _ => new StoredImage
    {
        Digest = DigestOf(name),
        Config = new ImageConfig { Platform = platform ?? Platform.Current, DiffIds = [] },
        Rootfs = "images/fake/rootfs",
        References = [name],
        Pulled = time.GetUtcNow(),
    });
}
