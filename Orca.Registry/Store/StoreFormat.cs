using System.Globalization;
using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>The mark that makes a directory a store, and says which orca can read it.</summary>
internal static class StoreFormat
{
    private const int Version = 1;
    private const string Prefix = "orca store ";
    private const int MaxLength = 256;

    /// <summary>True for a store of this format; false for a directory that may become one.</summary>
    /// <exception cref="StoreException">It is a newer orca's, or holds other files.</exception>
    /// <param name="root">The directory.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="isReadOnly">True: a damaged file <c>format</c> in what is a store otherwise is left as it is, and not written again.</param>
    internal static bool Check(Fd root, string path, bool isReadOnly = false)
    {
        var error = FileSystem.TryOpen(root, PathZ.OfTerminated("format\0"u8), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file);
        if (error == Errno.ENOENT)
        {
            return !IsBlank(root) && (FileSystem.TryStatus(root, PathZ.OfTerminated("format\0"u8), out _) == Errno.None
                ? Check(root, path, isReadOnly) // another process has made the store meanwhile
                : throw new StoreException($"cannot use '{Shown(path)}' as store: it holds other files", "choose an empty directory with --root or ORCA_ROOT"));
        }

        using (file)
        {
            if (error != Errno.None && !DamagedPath.IsAbout(error))
            {
                throw new LinuxException("open", $"{Shown(path)}/{StorePaths.Format}", error);
            }

            var text = error == Errno.None && FileSystem.Status(file!) is { Kind: FileKind.Regular, Size: <= MaxLength } ? Encoding.ASCII.GetString(FileSystem.ReadAll(file!, MaxLength)) : string.Empty;
            if (!text.StartsWith(Prefix, StringComparison.Ordinal) && IsStore(root))
            {
                Repair(root, isReadOnly);
                return true;
            }

            if (!text.StartsWith(Prefix, StringComparison.Ordinal)
                || !int.TryParse(text.AsSpan(Prefix.Length).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                throw new StoreException($"cannot use store '{Shown(path)}': its file 'format' is damaged", ShellWords.Join(path + "/format") is { } damaged ? $"if it is an orca store, write the file again: echo {Prefix}{Version} > {damaged}" : null);
            }

            return version <= Version ? true : throw new StoreException(
                $"cannot use store '{Shown(path)}': a newer orca made it (format {version}, this orca knows {Version})", "update orca, or use another store with --root or ORCA_ROOT");
        }
    }

    /// <summary>Whether the directory has what only a store has, whatever became of its file <c>format</c>.</summary>
    private static bool IsStore(Fd root)
    {
        string[] marks = [StorePaths.Images, StorePaths.References, StorePaths.Locks];
        return Array.TrueForAll(marks, name => FileSystem.TryStatus(root, PathZ.From(name), out var status) == Errno.None && status.IsDirectory);
    }

    /// <summary>Only this version was ever written without a readable number, so the number can be written again. Where it cannot, the store serves as it is.</summary>
    private static void Repair(Fd root, bool isReadOnly)
    {
        try
        {
            if (!isReadOnly)
            {
                DurableFile.Write(root, ".", StorePaths.Format, Encoding.ASCII.GetBytes($"{Prefix}{Version}\n"));
            }
        }
        catch (OrcaException)
        {
            // The next process tries again.
        }
    }

    /// <summary>Makes an own, blank directory a store.</summary>
    internal static void Write(Fd root, string path)
    {
        if (Check(root, path))
        {
            return;
        }

        // What the directory above hands down (set-gid, a default ACL) must not reach the images; all below is made by orca and inherits nothing then.
        FileSystem.SetMode(root, StorePaths.DirectoryMode);
        _ = FileSystem.TryRemoveXattr(root, PathZ.OfTerminated("system.posix_acl_default\0"u8));
        MakeDirectories(root);
        DurableFile.Write(root, ".", StorePaths.Format, Encoding.ASCII.GetBytes($"{Prefix}{Version}\n"));
        WritableLayerPool.Prepare(root);
    }

    /// <summary>Makes the directories of a store that are not there.</summary>
    /// <remarks>Images and containers come and go, and each of them should have a place of its own on the disk: docs/store.md says what it costs otherwise.</remarks>
    internal static void MakeDirectories(Fd root)
    {
        foreach (var name in StorePaths.Directories)
        {
            var error = FileSystem.TryMakeDirectory(root, PathZ.From(name), StorePaths.DirectoryMode);
            if (error == Errno.None && name == StorePaths.References && HasImages(root))
            {
                StoreDirectory.Write(root, $"{StorePaths.References}/{ReferenceCatalog.LostMark}", "The names of the images were lost. Images without a name are kept until this file is deleted.\n"u8);
            }

            if (error == Errno.EEXIST)
            {
                TryRepairDirectory(root, name);
            }
            else if (error != Errno.None)
            {
                throw new LinuxException("mkdir", name, error);
            }

            if (name is StorePaths.Staging or StorePaths.Containers or StorePaths.Spares
                && FileSystem.TryOpen(root, PathZ.From(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory) == Errno.None)
            {
                using (directory)
                {
                    _ = FileSystem.TrySpreadDirectories(directory!); // many file systems know no places
                }
            }
        }
    }

    /// <summary>Makes the directory of names again where it is missing, before what has no name is removed.</summary>
    internal static void RestoreNames(Fd root)
    {
        if (StoreDirectory.IsAbsent(root, StorePaths.References))
        {
            MakeDirectories(root);
        }
    }

    /// <summary>Whether there is an image, be it damaged.</summary>
    internal static bool HasImages(Fd root) => StoreDirectory.List(root, StorePaths.Images).Any(static name => StorePaths.TryReadName(name, out _));

    /// <summary>Makes a directory of the store usable again: it is opened to its owner, or what is in its place is renamed, and a new one made.</summary>
    /// <returns>False when nothing was wrong with it.</returns>
    /// <exception cref="StoreException">It is another user's, and has images, names or containers in it.</exception>
    internal static bool TryRepairDirectory(Fd root, string name)
    {
        if (DamagedPath.TryReopen(root, name, FileKind.Directory))
        {
            return true;
        }

        if (!StorePaths.Directories.Contains(name) || DamagedPath.Describe(root, name, FileKind.Directory) is not { } problem)
        {
            return false;
        }

        var isDirectory = FileSystem.Status(root, PathZ.From(name)).IsDirectory;
        if ((isDirectory && name is StorePaths.Images or StorePaths.References or StorePaths.Containers) || !DamagedPath.TrySetAside(root, name))
        {
            throw new StoreException($"cannot use directory '{name}' of the store: it {problem}", "'orca system check' says what is damaged, and what repairs it");
        }

        FileSystem.MakeDirectory(root, PathZ.From(name), StorePaths.DirectoryMode, mayExist: true);
        return true;
    }

    /// <summary>When others could write to the root, all in it must still be this user's.</summary>
    internal static void RequireOwnEntries(Fd root, string shown)
    {
        foreach (var (name, _) in List(root))
        {
            if (FileSystem.TryStatus(root, PathZ.From(name), out var status) == Errno.None
                && (status.Uid != CurrentUser.EffectiveUid || status.Kind == FileKind.SymbolicLink))
            {
                throw new StoreException(
                    $"cannot use store '{shown}': others could write to it, and '{Quoted.Name(name)}' is not orca's",
                    "place the store elsewhere with --root or ORCA_ROOT, and load its images again; what others put into this one cannot be told from yours");
            }
        }
    }

    /// <summary>Empty but for what a process leaves that was killed while it made a store, and 'orca hello' beside it.</summary>
    private static bool IsBlank(Fd root)
    {
        foreach (var (name, _) in List(root))
        {
            var text = Encoding.ASCII.GetString(name);
            if (!DurableFile.IsAside(name) && !text.StartsWith("hello-", StringComparison.Ordinal)
                && !(StorePaths.Directories.Contains(text) && IsEmptyDirectory(root, name)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsEmptyDirectory(Fd root, byte[] name)
    {
        if (FileSystem.TryOpen(root, PathZ.From(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory) != Errno.None)
        {
            return false;
        }

        using (directory)
        {
            return DirectoryReader.ReadAll(directory!).Count == 0;
        }
    }

    private static List<(byte[] Name, FileKind? Kind)> List(Fd root)
    {
        using var directory = FileSystem.OpenDirectory(root, PathZ.OfTerminated(".\0"u8));
        return DirectoryReader.ReadAll(directory);
    }

    private static string Shown(string path) => Quoted.Name(NativeText.Encode(path));
}
