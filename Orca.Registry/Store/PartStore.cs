using Orca.Core.Images;

namespace Orca.Registry.Store;

/// <summary>Parts as files below a store's root, named by digest, so that any pull of any image resumes what another left.</summary>
internal sealed class PartStore(StoreRoot store) : IPartStore
{
    public IBlobPart Open(Descriptor blob, CancellationToken cancellationToken = default)
    {
        var root = store.Open();
        store.EnsureDirectories();
        return new BlobPart(root, blob, FileLock.Acquire(root, StorePaths.Part(blob.Digest), exclusive: true, cancellationToken));
    }
}
