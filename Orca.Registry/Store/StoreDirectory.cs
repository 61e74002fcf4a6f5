using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Small steps with the store's own files, by their paths below its root.</summary>
internal static class StoreDirectory
{
    /// <summary>The names in a directory; none when it is not there, or is damaged (<see cref="DamagedPath"/>).</summary>
    internal static IEnumerable<byte[]> List(Fd root, string path)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory);
        using (directory)
        {
            if (error == Errno.ENOENT || DamagedPath.IsAbout(error))
            {
                return [];
            }

            if (error != Errno.None)
            {
                throw new LinuxException("list", path, error);
            }

            try
            {
                return DirectoryReader.ReadAll(directory!).Select(static entry => entry.Name);
            }
            catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno))
            {
                return [];
            }
        }
    }

    /// <summary>A whole small file; null when there is none, or what is there is no regular file, cannot be read, or is larger than <paramref name="limit"/>.</summary>
    internal static byte[]? TryRead(Fd root, string path, int limit)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file);
        using (file)
        {
            if (error == Errno.ENOENT || DamagedPath.IsAbout(error))
            {
                return null;
            }

            if (error != Errno.None)
            {
                throw new LinuxException("open", path, error);
            }

            try
            {
                var status = FileSystem.Status(file!);
                return status.Kind == FileKind.Regular && status.Size <= limit ? FileSystem.ReadAll(file!, limit, status.Size) : null;
            }
            catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno))
            {
                return null;
            }
        }
    }

    /// <summary>Writes a new file; the caller sees to its durability.</summary>
    internal static void Write(Fd directory, string name, ReadOnlySpan<byte> content)
    {
        using var file = OpenNew(directory, name);
        FileSystem.Write(file, content);
    }

    /// <summary>Writes a new file, whose content is on the disk then; its name is when the directory is synced.</summary>
    internal static void WriteSynced(Fd directory, string name, ReadOnlySpan<byte> content)
    {
        using var file = OpenNew(directory, name);
        FileSystem.Write(file, content);
        FileSystem.Sync(file);
    }

    /// <summary>Opens a file to write, which is made where it is missing; what is damaged in its place is cleared first.</summary>
    internal static Errno TryOpenForWriting(Fd directory, string path, int flags, out Fd? file)
    {
        flags |= O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK; // a FIFO in its place is refused, not waited for
        var error = FileSystem.TryOpen(directory, PathZ.From(path), flags, out file, StorePaths.FileMode);
        return DamagedPath.IsAbout(error) && DamagedPath.Clear(directory, path)
            ? FileSystem.TryOpen(directory, PathZ.From(path), flags, out file, StorePaths.FileMode) : error;
    }

    private static Fd OpenNew(Fd directory, string name)
    {
        var error = TryOpenForWriting(directory, name, O_TRUNC, out var file);
        return error == Errno.None ? file! : throw new LinuxException("open", name, error);
    }

    /// <summary>Makes the names in a directory durable.</summary>
    internal static void Sync(Fd root, string path)
    {
        using var directory = FileSystem.OpenDirectory(root, PathZ.From(path));
        FileSystem.Sync(directory);
    }

    internal static bool Exists(Fd root, string path) => FileSystem.TryStatus(root, PathZ.From(path), out _) == Errno.None;

    /// <summary>Whether there is certainly nothing at the path: what cannot be looked at may be there.</summary>
    internal static bool IsAbsent(Fd root, string path) => FileSystem.TryStatus(root, PathZ.From(path), out _) is Errno.ENOENT or Errno.ENOTDIR;
}
