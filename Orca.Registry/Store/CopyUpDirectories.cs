using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Directories for an image that belongs to another user: the same as in its tree, but this user's own, and nothing in them.</summary>
/// <remarks>
/// <para>Overlay copies a directory up before something is made in it, and refuses (EOVERFLOW) to copy what belongs to a user who has no id in the
/// container: without help nothing at all could be written. In a layer between, the directories are the caller's, and can be copied; files
/// of the image can then be added, replaced and removed, only not changed in place.</para>
/// <para>A directory that the caller may not read shows as an empty one. A frame is made at the first run of an image, in some milliseconds,
/// and prune takes it away when the image is gone.</para>
/// </remarks>
internal sealed class CopyUpDirectories(StoreRoot store, StagingArea staging)
{
    internal const string Directory = "frames";
    private const uint OwnerAll = 0b111_000_000; // u+rwx

    internal static string Path(Digest digest) => $"{Directory}/{StorePaths.Name(digest)}";

    /// <summary>The frame of an image; null when it needs none. The caller holds the image's lock in the own store.</summary>
    internal string? Ensure(StoredImage image)
    {
        var root = store.Open();
        if (!IsNeeded(root, image))
        {
            return null;
        }

        var path = Path(image.Digest);
        if (StoreDirectory.Exists(root, path))
        {
            return path;
        }

        FileSystem.MakeDirectory(root, PathZ.From(Directory), StorePaths.DirectoryMode, mayExist: true);
        using var staged = staging.Reserve();
        using (var frame = staged.MakeDirectory())
        using (var tree = ImageTree.Open(root, image.Store, image.Rootfs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
        {
            Fill(tree, frame);
        }

        var error = FileSystem.TryRename(root, PathZ.From(staged.Path), root, PathZ.From(path));
        return error is Errno.None or Errno.EEXIST or Errno.ENOTEMPTY ? path : throw new LinuxException("rename", staged.Path, error);
    }

    /// <summary>True for an image of another store that belongs to another user.</summary>
    internal static bool IsNeeded(Fd root, StoredImage image) =>
        image.Store is not null && ImageTree.TryStatus(root, image) is { } status && status.Uid != CurrentUser.EffectiveUid;

    private static void Fill(Fd tree, Fd frame)
    {
        FileSystem.SetMode(frame, FileSystem.Status(tree).Permissions | OwnerAll);
        using var walker = new TreeWalker(tree);
        while (walker.Next())
        {
            if (!walker.IsLeaving && walker.Status.IsDirectory)
            {
                Add(walker, frame);
            }
        }
    }

    private static void Add(TreeWalker walker, Fd frame)
    {
        var path = PathZ.From(walker.Path);
        FileSystem.MakeDirectory(frame, path, StorePaths.DirectoryMode);
        using var made = FileSystem.OpenDirectory(frame, path);
        if (FileSystem.TryOpen(walker.Directory, PathZ.From(walker.Name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var readable) is Errno.EACCES or Errno.EPERM)
        {
            walker.Skip();
            FileSystem.TrySetXattr(made, PathZ.OfTerminated("user.overlay.opaque\0"u8), "y"u8);
        }

        readable?.Dispose();
        FileSystem.SetMode(made, walker.Status.Permissions | OwnerAll);
        _ = FileSystem.TrySetTime(made, walker.Status.Modified);
    }
}
