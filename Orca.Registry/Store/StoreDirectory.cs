using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Small steps with the store's own files, by their paths below its root.</summary>
internal static class StoreDirectory
{
    /// <summary>The names in a directory; none when it is not there.</summary>
    internal static IEnumerable<byte[]> List(Fd root, string path)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory);
        if (error == Errno.ENOENT)
        {
            return [];
        }

        using (directory)
        {
            return error == Errno.None ? DirectoryReader.ReadAll(directory!).Select(static entry => entry.Name) : throw new LinuxException("list", path, error);
        }
    }

    /// <summary>A whole small file; null when there is none or it is larger than <paramref name="limit"/>.</summary>
    internal static byte[]? TryRead(Fd root, string path, int limit)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file);
        if (error is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            return null;
        }

        using (file)
        {
            if (error != Errno.None)
            {
                throw new LinuxException("open", path, error);
            }

            try
            {
                return FileSystem.ReadAll(file!, limit);
            }
            catch (LinuxException e) when (e.Errno is Errno.EFBIG or Errno.EISDIR)
            {
                return null;
            }
        }
    }

    /// <summary>Writes a new file; the caller sees to its durability.</summary>
    internal static void Write(Fd directory, string name, ReadOnlySpan<byte> content)
    {
        using var file = FileSystem.Open(directory, PathZ.From(name), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, StorePaths.FileMode);
        FileSystem.Write(file, content);
    }

    /// <summary>Writes a new file, whose content is on the disk then; its name is when the directory is synced.</summary>
    internal static void WriteSynced(Fd directory, string name, ReadOnlySpan<byte> content)
    {
        using var file = FileSystem.Open(directory, PathZ.From(name), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, StorePaths.FileMode);
        FileSystem.Write(file, content);
        FileSystem.Sync(file);
    }

    /// <summary>Makes the names in a directory durable.</summary>
    internal static void Sync(Fd root, string path)
    {
        using var directory = FileSystem.OpenDirectory(root, PathZ.From(path));
        FileSystem.Sync(directory);
    }

    internal static bool Exists(Fd root, string path) => FileSystem.TryStatus(root, PathZ.From(path), out _) == Errno.None;
}
