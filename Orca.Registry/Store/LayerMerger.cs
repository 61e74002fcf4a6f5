using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Reuse;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Makes one layer of several: directories are new, all else gets a second name (a hard link). Whiteouts stay, for an image lies below.</summary>
/// <remarks>
/// Layers below an upper one are never written to, so their files can be shared. A file that programs refuse when it has several names (cron's tables, logs) is copied,
/// sharing its blocks where the file system can.
/// </remarks>
internal sealed class LayerMerger
{
    private const uint OwnerRead = 0x100;
    private readonly LayerStack _stack;
    private readonly Fd _target;
    private readonly bool _mayCopy;
    private readonly List<(byte[] Path, int Tree)> _directories = [];

    private LayerMerger(LayerStack stack, Fd target, bool mayCopy) => (_stack, _target, _mayCopy) = (stack, target, mayCopy);

    /// <summary>Fills an empty directory.</summary>
    /// <param name="layers">The trees, the top one first.</param>
    /// <param name="target">The directory.</param>
    /// <param name="isView">True for a tree that is only read and goes again: nothing is copied, whoever refuses files with several names.</param>
    internal static void Merge(IReadOnlyList<Fd> layers, Fd target, bool isView) => new LayerMerger(new LayerStack(layers), target, !isView).Run();

    private void Run()
    {
        var waiting = new Stack<(byte[] Path, int End)>([([], _stack.Trees.Count)]);
        _directories.Add(([], 0));
        while (waiting.TryPop(out var directory))
        {
            using var into = FileSystem.OpenDirectory(_target, PathZ.From(directory.Path.Length == 0 ? "."u8 : directory.Path));
            using var sources = new Sources(_stack.Trees, directory.Path);
            foreach (var (name, entry) in _stack.List(directory.Path, directory.End))
            {
                var path = MergedTree.Below(directory.Path, name);
                if (!entry.Status.IsDirectory)
                {
                    Share(sources.Open(entry.Tree), directory.Path, name, into, entry.Status);
                    continue;
                }

                FileSystem.MakeDirectory(into, PathZ.From(name), StorePaths.DirectoryMode);
                if (entry.IsOpaque)
                {
                    using var made = FileSystem.OpenDirectory(into, PathZ.From(name));
                    Check(FileSystem.TrySetXattr(made, PathZ.OfTerminated("user.overlay.opaque\0"u8), "y"u8), "setxattr", path);
                }

                _directories.Add((path, entry.Tree));
                waiting.Push((path, entry.End));
            }
        }

        for (var i = _directories.Count - 1; i >= 0; i--) // those of directories without rights of the owner last of all that is in them
        {
            var (path, tree) = _directories[i];
            if (StoredLayers.TryOpenDirectory(_stack.Trees[tree], path) is { } source)
            {
                using (source)
                using (var made = FileSystem.OpenDirectory(_target, PathZ.From(path.Length == 0 ? "."u8 : path)))
                {
                    CopyAttributes(source, made);
                }
            }
        }
    }

    /// <summary>Gives a new directory or file the attributes, permissions and times of another.</summary>
    internal static void CopyAttributes(Fd source, Fd target)
    {
        foreach (var name in FileSystem.ListXattrs(source))
        {
            var isWanted = name.AsSpan().StartsWith("system.posix_acl_"u8) || (name.AsSpan().StartsWith("user."u8) && !name.AsSpan().StartsWith("user.overlay."u8));
            if (isWanted && FileSystem.GetXattr(source, PathZ.From(name)) is { } value)
            {
                Check(FileSystem.TrySetXattr(target, PathZ.From(name), value), "setxattr", name);
            }
        }

        var status = FileSystem.Status(source);
        FileSystem.SetMode(target, status.Permissions);
        _ = FileSystem.TrySetTime(target, status.Modified);
    }

    private void Share(Fd? from, byte[] directory, byte[] name, Fd into, FileStatus status)
    {
        if (from is null)
        {
            return; // gone meanwhile: a container that runs
        }

        if (_mayCopy && status is { Kind: FileKind.Regular, Links: 1 } && LinkedFile.MustBeAlone(directory, name))
        {
            Copy(from, PathZ.From(name), into, status);
            return;
        }

        var error = FileSystem.TryHardLink(from, PathZ.From(name), into, PathZ.From(name));
        if (error == Errno.EMLINK && status.Kind == FileKind.Regular)
        {
            Copy(from, PathZ.From(name), into, status);
        }
        else if (error != Errno.ENOENT)
        {
            Check(error, "link", MergedTree.Below(directory, name));
        }
    }

    private static void Copy(Fd from, PathZ name, Fd into, FileStatus status)
    {
        using var pinned = FileSystem.Open(from, name, O_PATH | O_NOFOLLOW);
        var self = PathZ.From($"/proc/self/fd/{pinned.Number}");
        var isClosed = (status.Permissions & OwnerRead) == 0;
        if (isClosed)
        {
            FileSystem.TrySetMode(from, self, status.Permissions | OwnerRead);
        }

        try
        {
            using var source = FileSystem.Open(from, self, O_RDONLY | O_NONBLOCK);
            if (isClosed)
            {
                FileSystem.TrySetMode(from, self, status.Permissions);
            }

            using var target = FileSystem.Open(into, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, StorePaths.FileMode);
            SparseCopy.Fill(source, target, status.Size);
            CopyAttributes(source, target);
        }
        finally
        {
            if (isClosed)
            {
                FileSystem.TrySetMode(from, self, status.Permissions);
            }
        }
    }

    private static void Check(Errno error, string call, ReadOnlySpan<byte> path)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, NativeText.Decode(path), error);
        }
    }

    /// <summary>One directory in each of the trees, opened when it is needed.</summary>
    private sealed class Sources(IReadOnlyList<Fd> trees, byte[] path) : IDisposable
    {
        private readonly Fd?[] _opened = new Fd?[trees.Count];

        internal Fd? Open(int tree) => _opened[tree] ??= StoredLayers.TryOpenDirectory(trees[tree], path);

        public void Dispose()
        {
            foreach (var directory in _opened)
            {
                directory?.Dispose();
            }
        }
    }
}
