using Orca.Core.Linux;

namespace Orca.Tests.Fixtures;

/// <summary>Deletes what tests leave, whatever the names and however deep.</summary>
internal static class TreeDeletion
{
    internal static void Delete(Fd parent, PathZ name)
    {
        if (FileSystem.TryStatus(parent, name, out var status) != Errno.None)
        {
            return;
        }

        if (!status.IsDirectory)
        {
            FileSystem.TryUnlink(parent, name);
            return;
        }

        using (var directory = FileSystem.OpenDirectory(parent, name))
        {
            Empty(directory, directory, depth: 0);
            while (List(directory) is { Count: > 0 } left)
            {
                Delete(directory, PathZ.From(left[0].Name)); // what was moved up from the depths
            }
        }

        FileSystem.TryUnlink(parent, name, directory: true);
    }

    private static List<(byte[] Name, FileKind? Kind)> List(Fd directory)
    {
        using var listing = FileSystem.OpenDirectory(directory, PathZ.From("."));
        return DirectoryReader.ReadAll(listing);
    }

    private static void Empty(Fd top, Fd directory, int depth)
    {
        foreach (var (bytes, _) in DirectoryReader.ReadAll(directory))
        {
            var name = PathZ.From(bytes);
            if (!FileSystem.Status(directory, name).IsDirectory)
            {
                FileSystem.TryUnlink(directory, name);
            }
            else if (depth > 50)
            {
                FileSystem.Rename(directory, name, top, PathZ.From(Guid.NewGuid().ToString()));
            }
            else
            {
                using (var child = FileSystem.OpenDirectory(directory, name))
                {
                    Empty(top, child, depth + 1);
                }

                FileSystem.TryUnlink(directory, name, directory: true);
            }
        }
    }
}
