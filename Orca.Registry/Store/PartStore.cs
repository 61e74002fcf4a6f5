using Orca.Core.Images;

namespace Orca.Registry.Store;

/// <summary>Parts as files below a store's root, named by digest, so that any pull of any image resumes what another left.</summary>
internal sealed class PartStore(StoreRoot store, LockNotice? notice = null) : IPartStore
{
    public IBlobPart Open(Descriptor blob, CancellationToken cancellationToken = default)
    {
        var root = store.Open();
        store.EnsureDirectories();
        var path = StorePaths.Part(blob.Digest);
        return new BlobPart(store, blob, FileLock.Acquire(root, path, exclusive: true, cancellationToken, notice?.Begin(root, path, $"fetches layer {blob.Digest.Abbreviated}")));
    }
}
