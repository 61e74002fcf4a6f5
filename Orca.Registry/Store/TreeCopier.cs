using System.Globalization;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Copies trees of the store: contents shared with the original where the file system can (reflink), else with holes for blocks of zeros; names of one file kept together.</summary>
/// <remarks>
/// By descriptor, following nothing. Modes, times and the xattrs that a user may set are kept. Sockets and devices are not copied: an image
/// in the store has none. Two descriptors are open for each level of depth.
/// </remarks>
internal sealed class TreeCopier : IDisposable
{
    private const uint OwnerRead = 0x100;
    private const string LinksName = ".orca-links"; // beside the tree while it is copied: a second name for each file that has several

    private readonly Stack<Level> _levels = new();
    private readonly HashSet<ulong> _linked = [];
    private readonly Fd _target;
    private readonly bool _isMerging;
    private Fd? _links;
    private bool? _keepsLinkTimes;

    private TreeCopier(Fd target, bool isMerging) => (_target, _isMerging) = (target, isMerging);

    /// <summary>Copies what is in one directory into another, empty one, with the directory's own attributes.</summary>
    internal static void Copy(Fd source, Fd target) => Run(source, target, isMerging: false);

    /// <summary>Applies the upper tree of an overlay to a copy of the lower one.</summary>
    internal static void Merge(Fd upper, Fd target) => Run(upper, target, isMerging: true);

    public void Dispose()
    {
        _links?.Dispose();
        foreach (var level in _levels)
        {
            level.Source.Dispose();
            level.Target.Dispose();
        }
    }

    private static void Run(Fd source, Fd target, bool isMerging)
    {
        using var copier = new TreeCopier(target, isMerging);
        copier.Push(FileSystem.OpenDirectory(source, PathZ.OfTerminated(".\0"u8)), FileSystem.OpenDirectory(target, PathZ.OfTerminated(".\0"u8)));
        while (copier._levels.TryPeek(out var level))
        {
            if (level.Next < level.Names.Count)
            {
                copier.CopyEntry(level, level.Names[level.Next++].Name);
                continue;
            }

            if (copier._levels.Count == 1)
            {
                copier.ForgetLinks();
            }

            copier._levels.Pop();
            CopyAttributes(level.Source, level.Target, FileSystem.Status(level.Source));
            level.Source.Dispose();
            level.Target.Dispose();
        }
    }

    private void Push(Fd source, Fd target) => _levels.Push(new Level(source, target, DirectoryReader.ReadAll(source)));

    private void CopyEntry(Level level, byte[] name)
    {
        var path = PathZ.From(name);
        var status = FileSystem.Status(level.Source, path);
        if (_isMerging && !MakeWay(level, path, status))
        {
            return;
        }

        switch (status.Kind)
        {
            case FileKind.Directory:
                FileSystem.MakeDirectory(level.Target, path, StorePaths.DirectoryMode, mayExist: _isMerging);
                Push(FileSystem.OpenDirectory(level.Source, path), FileSystem.OpenDirectory(level.Target, path));
                break;
            case FileKind.Regular:
                CopyFile(level, path, status);
                break;
            case FileKind.SymbolicLink:
                Check(FileSystem.TrySymbolicLink(PathZ.From(FileSystem.ReadLink(path, level.Source)), level.Target, path), "symlink", path);
                if (_keepsLinkTimes ??= FileSystemNames.KeepsLinkTimes(level.Target)) // a tree is on one file system
                {
                    FileSystem.TrySetTime(level.Target, path, status.Modified);
                }

                break;
            case FileKind.Fifo:
                Check(FileSystem.TryMakeFifo(level.Target, path, status.Permissions), "mkfifo", path);
                FileSystem.TrySetMode(level.Target, path, status.Permissions);
                FileSystem.TrySetTime(level.Target, path, status.Modified);
                break;
            default:
                break;
        }
    }

    /// <summary>Takes away what the upper tree hides or replaces; false when nothing comes in its place.</summary>
    private static bool MakeWay(Level level, PathZ path, FileStatus status)
    {
        var isDirectory = status.IsDirectory;
        if (isDirectory)
        {
            using var upper = FileSystem.OpenDirectory(level.Source, path);
            isDirectory = !MergedTree.IsOpaque(upper);
        }

        var stays = isDirectory && FileSystem.TryStatus(level.Target, path, out var below) == Errno.None && below.IsDirectory;
        if (!stays)
        {
            TreeDeleter.Delete(level.Target, path.Bytes);
        }

        return !MergedTree.IsWhiteout(status);
    }

    private void CopyFile(Level level, PathZ path, FileStatus status)
    {
        var inode = status.Inode.ToString(CultureInfo.InvariantCulture);
        if (status.Links > 1 && _linked.Contains(status.Inode)
            && FileSystem.TryHardLink(Links(), PathZ.From(inode), level.Target, path) == Errno.None)
        {
            return; // a file system that allows fewer names (EMLINK) gets a copy
        }

        using var source = OpenSource(level.Source, path, status);
        using var target = FileSystem.Open(level.Target, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, StorePaths.FileMode);
        SparseCopy.Fill(source, target, status.Size);
        CopyAttributes(source, target, status);
        if (status.Links > 1 && FileSystem.TryHardLink(level.Target, path, Links(), PathZ.From(inode)) == Errno.None)
        {
            _linked.Add(status.Inode);
        }
    }

    /// <summary>A container may have taken its own read permission away; it gets it back for a moment.</summary>
    private static Fd OpenSource(Fd directory, PathZ path, FileStatus status)
    {
        var flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
        if (FileSystem.TryOpen(directory, path, flags, out var file) == Errno.None)
        {
            return file!;
        }

        using var pinned = FileSystem.Open(directory, path, O_PATH | O_NOFOLLOW);
        var name = PathZ.From($"/proc/self/fd/{pinned.Number}");
        Check(FileSystem.TrySetMode(directory, name, status.Permissions | OwnerRead), "chmod", path);
        var opened = FileSystem.Open(null, name, O_RDONLY | O_NONBLOCK);
        FileSystem.TrySetMode(directory, name, status.Permissions);
        return opened;
    }

    private static void CopyAttributes(Fd source, Fd target, FileStatus status)
    {
        foreach (var name in FileSystem.ListXattrs(source))
        {
            if (name.AsSpan().StartsWith("user."u8) && !name.AsSpan().StartsWith("user.overlay."u8)
                && FileSystem.GetXattr(source, PathZ.From(name)) is { } value)
            {
                FileSystem.TrySetXattr(target, PathZ.From(name), value); // a file system without attributes still holds the files
            }
        }

        FileSystem.SetMode(target, status.Permissions);
        FileSystem.TrySetTime(target, status.Modified);
    }

    private Fd Links()
    {
        if (_links is null)
        {
            FileSystem.MakeDirectory(_target, PathZ.From(LinksName), StorePaths.DirectoryMode);
            _links = FileSystem.OpenDirectory(_target, PathZ.From(LinksName));
        }

        return _links;
    }

    private void ForgetLinks()
    {
        if (_links is not null)
        {
            TreeDeleter.Delete(_target, System.Text.Encoding.UTF8.GetBytes(LinksName));
        }
    }

    private static void Check(Errno error, string call, PathZ path)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, path.ToString(), error);
        }
    }

    private sealed record Level(Fd Source, Fd Target, List<(byte[] Name, FileKind? Kind)> Names)
    {
        internal int Next { get; set; }
    }
}
