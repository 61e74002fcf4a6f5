using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Creates or replaces a small file of the store at one stroke: written aside, synced, renamed, directory synced.</summary>
/// <remarks>
/// The file aside is its own lock until it has its name: so one that carries no held lock was left by a process that died, and may be deleted
/// while others write.
/// </remarks>
internal static class DurableFile
{
    private const string Prefix = ".new-";

    /// <summary>True for the name of a file that is on its way to another name.</summary>
    internal static bool IsAside(ReadOnlySpan<byte> name) => name.StartsWith(".new-"u8) || (name.StartsWith("."u8) && name.EndsWith(".tmp"u8));

    /// <summary>Writes.</summary>
    /// <param name="root">The store's root.</param>
    /// <param name="directory">A directory below it; <c>.</c> for the root itself.</param>
    /// <param name="name">The file's name in it.</param>
    /// <param name="content">All of it.</param>
    internal static void Write(Fd root, string directory, string name, ReadOnlySpan<byte> content)
    {
        while (true)
        {
            // Short, whatever the name: eCryptfs takes 143 bytes.
            var aside = $"{directory}/{Prefix}{Guid.NewGuid().ToString("N")[..16]}";
            if (FileLock.TryCreate(root, aside) is not { } held)
            {
                continue;
            }

            using (held)
            {
                try
                {
                    FileSystem.Write(held.File, content);
                    FileSystem.Sync(held.File);
                    Place(root, aside, $"{directory}/{name}");
                }
                catch
                {
                    FileSystem.TryUnlink(root, PathZ.From(aside));
                    throw;
                }
            }

            StoreDirectory.Sync(root, directory);
            return;
        }
    }

    /// <summary>A directory in the file's place is the one thing that a rename does not replace.</summary>
    private static void Place(Fd root, string aside, string path)
    {
        var error = FileSystem.TryRename(root, PathZ.From(aside), root, PathZ.From(path));
        if (error == Errno.EISDIR && DamagedPath.Clear(root, path))
        {
            error = FileSystem.TryRename(root, PathZ.From(aside), root, PathZ.From(path));
        }

        if (error != Errno.None)
        {
            throw new LinuxException("rename", path, error);
        }
    }

    /// <summary>Deletes what processes left that died while they wrote.</summary>
    /// <returns>How many files.</returns>
    internal static int Sweep(Fd root, string directory)
    {
        var swept = 0;
        foreach (var name in StoreDirectory.List(root, directory))
        {
            var path = $"{directory}/{System.Text.Encoding.UTF8.GetString(name)}";
            if (IsAside(name) && FileLock.TryClear(root, path))
            {
                swept++;
            }
        }

        return swept;
    }
}
