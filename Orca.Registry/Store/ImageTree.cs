using Orca.Core.Images;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Where an image's tree lies: below the root of the own store, or in another one.</summary>
internal static class ImageTree
{
    /// <summary>Opens the tree.</summary>
    /// <param name="root">The own store's root.</param>
    /// <param name="store">Absolute path of the other store; null when it is the own one.</param>
    /// <param name="path">The tree's path below the store that holds it.</param>
    /// <param name="flags">As for open(2).</param>
    internal static Fd Open(Fd root, string? store, string path, int flags) =>
        store is null ? FileSystem.Open(root, PathZ.From(path), flags) : FileSystem.Open(null, Absolute(store, path), flags);

    /// <summary>The tree's own status; null when it is not there.</summary>
    internal static FileStatus? TryStatus(Fd root, StoredImage image)
    {
        var error = image.Store is null
            ? FileSystem.TryStatus(root, PathZ.From(image.Rootfs), out var status)
            : FileSystem.TryStatus(null, Absolute(image.Store, image.Rootfs), out status);
        return error == Errno.None ? status : null;
    }

    private static PathZ Absolute(string store, string path) => PathZ.From(NativeText.Encode($"{store}/{path}"));
}
