using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Reads files as an overlay of an image and the layers above it would show them, without mounting anything.</summary>
/// <remarks>
/// All of it is foreign: links resolve inside, nothing but a regular file is opened, nothing blocks (CVE-2024-9676).
/// A container that has changed nothing needs one call; else each step asks the trees from the top.
/// </remarks>
internal sealed class MergedTree : IDisposable
{
    private static readonly int Flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    private const int MaxLinks = 40;

    private readonly Fd _lower;
    private readonly Fd[] _trees; // the top one first; the last is the image's

    private readonly bool _isCopy;

    private MergedTree(Fd[] trees, bool isCopy) => (_trees, _lower, _isCopy) = (trees, trees[^1], isCopy);

    internal static MergedTree Open(Fd root, RootFileSystem tree)
    {
        var lower = ImageTree.Open(root, tree.Copy is null ? tree.LowerStore : null, tree.Copy ?? tree.Lower!, O_PATH | O_DIRECTORY | O_NOFOLLOW);
        var upper = tree.Copy is null ? FileSystem.OpenDirectory(root, PathZ.From(tree.Upper!)) : null;
        if (upper is not null && DirectoryReader.ReadAll(upper).Count == 0)
        {
            upper.Dispose();
            upper = null;
        }

        var layers = tree.Copy is null ? tree.Layers : [];
        var trees = new Fd[layers.Count + (upper is null ? 1 : 2)];
        trees[^1] = lower;
        for (var i = 0; i < layers.Count; i++)
        {
            trees[^(layers.Count + 1 - i)] = FileSystem.Open(root, PathZ.From(layers[i]), O_PATH | O_DIRECTORY | O_NOFOLLOW);
        }

        if (upper is not null)
        {
            trees[0] = upper;
        }

        return new MergedTree(trees, tree is { Copy: not null, IsShared: false });
    }

    /// <summary>See <see cref="IContainerContent.ReadFile"/>.</summary>
    internal byte[]? ReadFile(string path, int limit) => Read(path, (file, status) => status.Size <= limit
        ? FileSystem.ReadAll(file, limit)
        : throw new StoreException($"cannot read '{Quoted.Text(path)}' of the container: it has {status.Size} bytes, more than {limit}"));

    /// <summary>See <see cref="IContainerContent.ReadStart"/>.</summary>
    internal byte[]? ReadStart(string path, int count) => Read(path, (file, status) =>
    {
        var bytes = new byte[Math.Min(count, status.Size)];
        var read = 0;
        while (read < bytes.Length && FileSystem.ReadAt(file, bytes.AsSpan(read), read) is > 0 and var more)
        {
            read += more;
        }

        return read == bytes.Length ? bytes : bytes[..read];
    });

    private byte[]? Read(string path, Func<Fd, FileStatus, byte[]> read)
    {
        var bytes = NativeText.Encode(path);
        if (bytes.AsSpan().Contains((byte)0))
        {
            return null;
        }

        var error = _trees.Length == 1 ? FileSystem.TryOpenInRoot(_lower, PathZ.From(bytes), Flags, out var file) : TryResolve(bytes, out file);
        using (file)
        {
            switch (error)
            {
                case Errno.None:
                    break;
                case Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.ENAMETOOLONG or Errno.ENXIO or Errno.EISDIR or Errno.ENODEV:
                    return null;
                default:
                    throw new LinuxException("open", path, error);
            }

            var status = FileSystem.Status(file!);
            return status.Kind == FileKind.Regular ? read(file!, status) : null;
        }
    }

    public void Dispose()
    {
        foreach (var tree in _trees)
        {
            tree.Dispose();
        }
    }

    /// <summary>See <see cref="IContainerPaths.Find"/>.</summary>
    internal RootEntry Find(string path)
    {
        var end = Walk(NativeText.Encode(path));
        return end.Error == Errno.ELOOP ? new RootEntry(CleanPath.Of(path), RootEntryKind.Unreachable) : new RootEntry(
            "/" + NativeText.Decode(end.At.Path),
            end.Error == Errno.ENOTDIR ? RootEntryKind.Unreachable : end.Found is not { } found ? RootEntryKind.Missing
                : found.Status.IsDirectory ? RootEntryKind.Directory : RootEntryKind.File)
        {
            IsEmptyPlace = end is { Error: Errno.None, Found: { } entry } && IsEmptyPlace(end.At.Path, entry),
        };
    }

    private Errno TryResolve(byte[] path, out Fd? file)
    {
        file = null;
        var end = Walk(path);
        return end.Error != Errno.None ? end.Error : end.Found is not { } found ? Errno.ENOENT : found.Status.IsDirectory ? Errno.EISDIR
            : FileSystem.TryOpen(TreeOf(found), PathZ.From(end.At.Path), Flags | O_NOFOLLOW, out file);
    }

    /// <summary>Walks the path by its text: every directory passed is a real one in the tree it was found in, so no step can follow a link.</summary>
    /// <returns>Where it ends, past what is missing, and what is there; the error is ENOENT or ENOTDIR of a part before the last, or ELOOP.</returns>
    private (Level At, Entry? Found, Errno Error) Walk(byte[] path)
    {
        var root = new Level([], _trees.Length);
        var walked = new List<Level> { root };
        var left = new Stack<byte[]>();
        Push(left, path);
        var (links, error, last) = (0, Errno.None, (Entry?)new Entry(FileSystem.Status(_lower), _trees.Length - 1));
        while (left.TryPop(out var name))
        {
            if (last is not { Status.IsDirectory: true } && error == Errno.None)
            {
                error = last is null ? Errno.ENOENT : Errno.ENOTDIR;
            }

            if (name.AsSpan().SequenceEqual(".."u8))
            {
                walked.RemoveRange(Math.Max(walked.Count - 1, 1), Math.Min(walked.Count - 1, 1));
                last = Again(walked[^1]);
                continue;
            }

            var here = walked[^1];
            var next = Below(here.Path, name);
            var found = IsKernels(here.Path) ? null : Look(here, next);
            if (found is { Status.Kind: FileKind.SymbolicLink } link)
            {
                if (++links > MaxLinks)
                {
                    return (root, null, Errno.ELOOP);
                }

                var target = FileSystem.ReadLink(PathZ.From(next), TreeOf(link));
                walked.RemoveRange(1, target is [(byte)'/', ..] ? walked.Count - 1 : 0);
                last = Again(walked[^1]);
                Push(left, target);
            }
            else
            {
                last = found;
                walked.Add(found is { Status.IsDirectory: true } directory ? Enter(here, next, directory) : new Level(next, 0));
            }
        }

        return (walked[^1], last, error);
    }

    /// <summary>What is at a level that was entered before.</summary>
    private Entry? Again(Level level) => level.Path.Length == 0 ? new Entry(FileSystem.Status(_lower), _trees.Length - 1) : Look(level, level.Path);

    /// <summary>Whether something is empty and the image has nothing at its place. In a copy of the tree nobody can tell, and it counts as the container's own.</summary>
    private bool IsEmptyPlace(byte[] path, Entry entry)
    {
        var isOwn = _trees.Length > 1 ? entry.Tree < _trees.Length - 1 && StatusIn(_lower, path) is null : _isCopy && path.Length > 0;
        if (!isOwn)
        {
            return false;
        }

        if (entry.Status.Kind != FileKind.Directory)
        {
            return entry.Status is { Kind: FileKind.Regular, Size: 0 };
        }

        var error = FileSystem.TryOpen(TreeOf(entry), PathZ.From(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory);
        using (directory)
        {
            return error == Errno.None && DirectoryReader.ReadAll(directory!).Count == 0;
        }
    }

    /// <summary>Other file systems are there when a container runs: what the image has below counts for nothing.</summary>
    private static bool IsKernels(ReadOnlySpan<byte> directory)
    {
        var slash = directory.IndexOf((byte)'/');
        var top = slash < 0 ? directory : directory[..slash];
        return top.SequenceEqual("dev"u8) || top.SequenceEqual("proc"u8) || top.SequenceEqual("sys"u8);
    }

    internal static byte[] Below(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];

    /// <summary>What is at a path of a directory that several trees may have; null when nothing is.</summary>
    private Entry? Look(Level here, byte[] next)
    {
        for (var tree = 0; tree < here.End; tree++)
        {
            if (StatusIn(_trees[tree], next) is { } status)
            {
                return tree < _trees.Length - 1 && IsWhiteout(status) ? null : new Entry(status, tree);
            }
        }

        return null;
    }

    /// <summary>The directory that was found at a path, with the trees that show through in it: those down to one that is opaque, or has something else there.</summary>
    private Level Enter(Level here, byte[] path, Entry found)
    {
        for (var tree = found.Tree; tree < here.End; tree++)
        {
            var status = tree == found.Tree ? found.Status : StatusIn(_trees[tree], path);
            if (status is { IsDirectory: false })
            {
                return new Level(path, tree);
            }

            if (status is not null && tree < _trees.Length - 1 && IsOpaque(tree, path))
            {
                return new Level(path, tree + 1);
            }
        }

        return new Level(path, here.End);
    }

    private Fd TreeOf(Entry found) => _trees[found.Tree];

    private static void Push(Stack<byte[]> left, ReadOnlySpan<byte> path)
    {
        var parts = new List<byte[]>();
        foreach (var range in path.Split((byte)'/'))
        {
            var part = path[range];
            if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                parts.Add(part.ToArray());
            }
        }

        for (var i = parts.Count - 1; i >= 0; i--)
        {
            left.Push(parts[i]);
        }
    }

    private static FileStatus? StatusIn(Fd tree, byte[] path) =>
        FileSystem.TryStatus(tree, PathZ.From(path), out var status) == Errno.None ? status : null;

    internal static bool IsWhiteout(FileStatus? status) => status is { Kind: FileKind.CharDevice, DeviceNumber: (0, 0) };

    private bool IsOpaque(int tree, byte[] path)
    {
        using var directory = FileSystem.OpenDirectory(_trees[tree], PathZ.From(path));
        return IsOpaque(directory);
    }

    /// <summary>True for a directory of an upper tree that hides what is below it (overlayfs.rst, "userxattr").</summary>
    internal static bool IsOpaque(Fd directory) =>
        FileSystem.GetXattr(directory, PathZ.OfTerminated("user.overlay.opaque\0"u8)) is { } value && value.AsSpan().SequenceEqual("y"u8);

    /// <summary>A directory on the way, and how many of the trees, from the top, show through in it.</summary>
    private readonly record struct Level(byte[] Path, int End);

    /// <summary>What is at a path, and in which tree.</summary>
    private readonly record struct Entry(FileStatus Status, int Tree);
}
