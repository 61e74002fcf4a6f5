using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>The directory <c>layers</c>: what containers have changed up to a snapshot, and the upper layers of containers that have snapshots.</summary>
/// <remarks>
/// A layer is a directory with a random name: <c>tree</c>, an overlay's upper directory, or <c>rootfs</c>, a whole copy, for hosts without overlay; <c>owners</c>, the owners noted while it
/// was written to; <c>below</c>, the layers under it, the top one first, which never changes. Containers that were branched share layers. The lock beside them is held,
/// shared, from before a layer has its name until a container refers to it, and exclusively by the deletion of those that none refers to.
/// </remarks>
internal static class StoredLayers
{
    internal const string Directory = "layers";
    internal const string TreeName = "tree";
    internal const string BelowName = "below";

    /// <summary>The most layers below an upper one: the names of so many fit into the options of one mount(2), which are a page.</summary>
    internal const int Most = 100;

    internal const string LockPath = Directory + "/lock";
    private const int IdLength = 12;
    private const int MaxBelow = 1 << 16;

    internal static string PathOf(string id) => $"{Directory}/{id}";

    internal static bool IsId(string text) => text.Length == IdLength && text.All(static letter => letter is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    /// <summary>Whether a layer is a whole copy.</summary>
    internal static bool IsCopy(Fd root, string id) => StoreDirectory.Exists(root, $"{PathOf(id)}/{ContainerDirectory.CopyName}");

    /// <summary>The layers under one, the top one first; null when they cannot be read.</summary>
    internal static string[]? Below(Fd root, string id)
    {
        if (StoreDirectory.TryRead(root, $"{PathOf(id)}/{BelowName}", MaxBelow) is not { } bytes || Encoding.ASCII.GetString(bytes).Split('\n') is not [.. var ids, "end", ""])
        {
            return null;
        }

        return Array.TrueForAll(ids, IsId) && ids.Length <= Most ? ids : null;
    }

    /// <summary>Keeps new layers from being taken for garbage until the result is disposed.</summary>
    internal static FileLock Hold(Fd root)
    {
        FileSystem.MakeDirectory(root, PathZ.From(Directory), StorePaths.DirectoryMode, mayExist: true);
        return FileLock.Acquire(root, LockPath, exclusive: false, CancellationToken.None);
    }

    /// <summary>Gives a staged layer its name, once all of it is on the disk.</summary>
    internal static string Publish(Fd root, StagedName staged, Fd layer, IReadOnlyList<string> below)
    {
        StoreDirectory.WriteSynced(layer, BelowName, Encoding.ASCII.GetBytes(string.Concat(below.Select(static id => id + "\n")) + "end\n"));
        FileSystem.Sync(layer);
        while (true)
        {
            var id = NewId();
            if (!StoreDirectory.Exists(root, PathOf(id)))
            {
                FileSystem.Rename(root, PathZ.From(staged.Path), root, PathZ.From(PathOf(id)));
                StoreDirectory.Sync(root, Directory);
                return id;
            }
        }
    }

    internal static string NewId() => Guid.NewGuid().ToString("N")[..IdLength];

    /// <summary>The layers in the store.</summary>
    internal static List<string> All(Fd root) => [.. StoreDirectory.List(root, Directory).Select(Encoding.UTF8.GetString).Where(IsId).Order(StringComparer.Ordinal)];

    /// <summary>Opens a directory of a layer's tree whose path has no links, to read it; null when there is none. What a container has closed to itself is opened for a moment.</summary>
    internal static Fd? TryOpenDirectory(Fd tree, ReadOnlySpan<byte> path)
    {
        const uint readAndEnter = 0b101_000_000;
        var name = PathZ.From(path.IsEmpty ? "."u8 : path);
        var error = FileSystem.TryOpenInRoot(tree, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory);
        if (error == Errno.EACCES && FileSystem.TryOpenInRoot(tree, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, out var pinned) == Errno.None)
        {
            using (pinned)
            {
                var status = FileSystem.Status(pinned!);
                var self = PathZ.From($"/proc/self/fd/{pinned!.Number}");
                if (FileSystem.TrySetMode(tree, self, status.Permissions | readAndEnter) == Errno.None)
                {
                    error = FileSystem.TryOpen(tree, self, O_RDONLY | O_DIRECTORY, out directory);
                    FileSystem.TrySetMode(tree, self, status.Permissions);
                }
            }
        }

        return error switch
        {
            Errno.None => directory,
            Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => null,
            _ => throw new LinuxException("open", Quoted.Name(path.ToArray()), error),
        };
    }
}
