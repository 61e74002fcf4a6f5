using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Compares a container's writable layer with its image. Nothing in either is followed out of it, opened for reading or waited for.</summary>
internal static class ContainerChanges
{
    private const int Most = 1 << 20;

    /// <summary>All changes, by path. The container may run: what changes meanwhile is found as it was met.</summary>
    internal static IReadOnlyList<ContainerChange> Of(Fd root, string name, StoredImage image)
    {
        var path = StorePaths.Container(name);
        if (StoreDirectory.Exists(root, $"{path}/{ContainerDirectory.CopyName}"))
        {
            throw new StoreException($"cannot list the changes of container '{name}': the host has no overlay mounts, so it runs on a copy of the image");
        }

        using var lower = ImageTree.Open(root, image.Store, image.Rootfs, O_PATH | O_DIRECTORY | O_NOFOLLOW);
        using var upper = FileSystem.OpenDirectory(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"));
        var changes = new List<ContainerChange>();
        var waiting = new Stack<byte[]>([[]]);
        while (waiting.TryPop(out var directory))
        {
            if (FileSystem.TryOpenInRoot(upper, PathZ.From(directory.Length == 0 ? "."u8.ToArray() : directory), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var opened) != Errno.None)
            {
                continue; // gone meanwhile
            }

            using (opened)
            {
                var names = DirectoryReader.ReadAll(opened!).ConvertAll(static entry => entry.Name);
                if (directory.Length > 0 && MergedTree.IsOpaque(opened!))
                {
                    AddHidden(lower, directory, names, changes);
                }

                foreach (var entry in names)
                {
                    Add(lower, opened!, MergedTree.Below(directory, entry), entry, changes, waiting);
                }
            }

            if (changes.Count > Most)
            {
                throw new StoreException($"cannot list the changes of container '{name}': there are more than {Most}");
            }
        }

        changes.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return changes;
    }

    private static void Add(Fd lower, Fd directory, byte[] path, byte[] name, List<ContainerChange> changes, Stack<byte[]> waiting)
    {
        if (FileSystem.TryStatus(directory, PathZ.From(name), out var status) != Errno.None)
        {
            return;
        }

        var before = Status(lower, path);
        if (MergedTree.IsWhiteout(status))
        {
            if (before is not null)
            {
                changes.Add(Change(ChangeKind.Deleted, path));
            }

            return;
        }

        changes.Add(Change(before is null ? ChangeKind.Added : ChangeKind.Changed, path));
        if (status.IsDirectory)
        {
            waiting.Push(path);
        }
    }

    /// <summary>A directory that was removed and made again hides what the image has in it.</summary>
    private static void AddHidden(Fd lower, byte[] directory, List<byte[]> names, List<ContainerChange> changes)
    {
        if (FileSystem.TryOpenInRoot(lower, PathZ.From(directory), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var opened) != Errno.None)
        {
            return;
        }

        using (opened)
        {
            foreach (var (name, _) in DirectoryReader.Read(opened!))
            {
                if (!names.Exists(other => other.AsSpan().SequenceEqual(name)))
                {
                    changes.Add(Change(ChangeKind.Deleted, MergedTree.Below(directory, name)));
                }
            }
        }
    }

    private static FileStatus? Status(Fd lower, byte[] path)
    {
        if (FileSystem.TryOpenInRoot(lower, PathZ.From(path), O_PATH | O_NOFOLLOW, out var found) != Errno.None)
        {
            return null;
        }

        using (found)
        {
            return FileSystem.TryStatus(found!, out var status) == Errno.None ? status : null;
        }
    }

    private static ContainerChange Change(ChangeKind kind, byte[] path) => new(kind, "/" + NativeText.Decode(path));
}
