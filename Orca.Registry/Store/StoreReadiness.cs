using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Says before the first byte is fetched what would fail after the last: a store that cannot be written, or where nothing fits any more.</summary>
internal static class StoreReadiness
{
    /// <exception cref="StoreException">The store is read-only, or can hold no more files.</exception>
    internal static void Require(StoreRoot store, LockNotice notice)
    {
        var root = store.Open();
        var state = FileSystem.StateOf(root);
        if (state.IsReadOnly)
        {
            throw new StoreException(
                $"cannot store the image: the store '{Quoted.Text(store.Path)}' lies on a read-only file system ({FileSystemNames.Of(state.Type)})",
                $"place the store elsewhere with --root or ORCA_ROOT; what this one has can still be used with ORCA_STORES={Quoted.Text(store.Path)}");
        }

        if (state is { TotalInodes: > 0, FreeInodes: 0 })
        {
            throw StoreFaults.NoInodes(store.Path, state, null);
        }

        if (FileSystemNames.IsRemote(state.Type))
        {
            notice.Say(
                $"the store '{Quoted.Text(store.Path)}' lies on {FileSystemNames.Of(state.Type)}, where overlay can write nothing: each container runs on a copy of its image; a store on a local disk (--root or ORCA_ROOT) starts faster");
        }
    }

    /// <summary>Where 'a' and 'A' are one name (casefold directories of ext4, vfat), an image that has both would lose one of them without a word.</summary>
    /// <param name="directory">A directory of the store.</param>
    /// <param name="name">A name in it, in small letters.</param>
    /// <param name="store">The store's path, for the message.</param>
    /// <exception cref="StoreException">The name is there in capitals, too.</exception>
    internal static void RequireCase(Fd directory, string name, string store)
    {
        if (FileSystem.TryStatus(directory, PathZ.From(name.ToUpperInvariant()), out var other) == Errno.None
            && FileSystem.Status(directory, PathZ.From(name)) is var own && (own.Device, own.Inode) == (other.Device, other.Inode))
        {
            throw new StoreException(
                $"cannot store the image: the file system of the store '{Quoted.Text(store)}' takes 'a' and 'A' for one name, so that files of an image would collide",
                "place the store on a file system that tells them apart with --root or ORCA_ROOT");
        }
    }
}
