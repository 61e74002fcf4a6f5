using Orca.Core.Images;
using Orca.Core.References;

namespace Orca;

/// <summary>The images over the interfaces of the store and its sources, which are asked for when they are first used.</summary>
internal sealed class OrcaImages(Lazy<IImageStore> store, Lazy<IImagePuller> puller, Lazy<IImageLoader> loader, Lazy<IShortNames?> names) : IOrcaImages
{
    /// <inheritdoc/>
    public Task<StoredImage> PullAsync(ImageReference name, Platform? platform = null, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => puller.Value.PullAsync(name, platform ?? Platform.Current, progress, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LoadedImage>> LoadAsync(LoadRequest request, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => loader.Value.LoadAsync(request, progress, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredImage?> FindAsync(ImageReference name, CancellationToken cancellationToken = default) =>
        Task.Run(() => store.Value.Find(InStore(name)), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellationToken = default) => Task.Run(() => store.Value.List(), cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(ImageReference name, bool force = false, CancellationToken cancellationToken = default) =>
        Task.Run(() => store.Value.Remove(InStore(name), force), cancellationToken);

    private ImageReference InStore(ImageReference name) => names.Value?.InStore(store.Value, name) ?? name;
}
