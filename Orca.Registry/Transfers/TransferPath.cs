using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Transfers;

/// <summary>A path of a transfer, taken apart: the directory that it lies in, and its name there.</summary>
internal readonly struct TransferPath
{
    private const int MaxLinks = 40; // as the kernel's own MAXSYMLINKS

    private readonly TransferPlace _place;
    private readonly byte[] _path;

    private TransferPath(TransferPlace place, byte[] path) => (_place, _path) = (place, path);

    /// <summary>The whole path.</summary>
    internal byte[] Bytes => _path;

    /// <summary>The path without its last component; empty for the root or the working directory.</summary>
    internal ReadOnlySpan<byte> Parent => Cut(out _);

    /// <summary>The last component; null for one that names a directory by itself: <c>/</c>, <c>.</c>, <c>..</c>.</summary>
    internal byte[]? Name
    {
        get
        {
            Cut(out var name);
            return name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) ? null : name.ToArray();
        }
    }

    /// <summary>Whether it can only be a directory: it ends with a slash, or names one by itself.</summary>
    internal bool MustBeDirectory => _path is [.., (byte)'/'] || Name is null;

    internal static TransferPath Of(TransferPlace place) => place.Path.Length == 0 || place.Path.Contains('\0', StringComparison.Ordinal)
        ? throw new StoreException($"cannot copy '{Quoted.Text(place.Shown)}': {(place.Path.Length == 0 ? "the path is empty" : "a path has no NUL")}")
        : new TransferPath(place, NativeText.Encode(place.Path));

    /// <summary>The same path with the symbolic links at its end followed; where they lead to nothing, that is where it leads.</summary>
    internal TransferPath Followed()
    {
        var path = this;
        for (var links = 0; path.Name is { } name; links++)
        {
            using var directory = path.TryOpen(path.Parent, O_PATH | O_DIRECTORY, out var error);
            if (error != Errno.None || FileSystem.TryReadLink(PathZ.From(name), out var target, directory) != Errno.None)
            {
                return path;
            }

            if (links == MaxLinks)
            {
                throw new StoreException($"cannot copy '{Quoted.Text(_place.Shown)}': {Errno.ELOOP.Describe()}");
            }

            path = new TransferPath(_place, target is [(byte)'/', ..] || path.Parent.IsEmpty ? target : [.. path.Parent, (byte)'/', .. target]);
        }

        return path;
    }

    /// <summary>Opens the directory that it lies in.</summary>
    /// <exception cref="StoreException">There is none.</exception>
    internal Fd OpenParent() => Open(Parent);

    /// <summary>Opens the path itself, which is a directory.</summary>
    /// <exception cref="StoreException">It is none.</exception>
    internal Fd OpenDirectory() => Open(_path);

    /// <summary>What is there, its last link followed; null when nothing is.</summary>
    internal FileStatus? Look()
    {
        using var found = TryOpen(_path, O_PATH, out var error);
        return error switch
        {
            Errno.None => FileSystem.Status(found!),
            Errno.ENOENT => null,
            _ => throw Failure(error.Describe()),
        };
    }

    internal StoreException Failure(string cause, string? hint = null) => new($"cannot copy '{Quoted.Text(_place.Shown)}': {cause}", hint);

    private Fd Open(ReadOnlySpan<byte> path)
    {
        var directory = TryOpen(path, O_RDONLY | O_DIRECTORY, out var error);
        if (error != Errno.None)
        {
            throw Failure(error == Errno.ENOENT ? $"there is no directory '{Quoted.Name(path.IsEmpty ? "/"u8 : path)}'" : error.Describe());
        }

        if (!Archives.TreeWalker.IsKernels(directory!))
        {
            return directory!;
        }

        directory!.Dispose(); // its files have no size, and /proc/self is this process
        throw Failure("it belongs to the kernel, not to a disk", "'orca exec NAME cat PATH' reads such a file");
    }

    private Fd? TryOpen(ReadOnlySpan<byte> path, int flags, out Errno error)
    {
        var name = PathZ.From(path);
        if (_place.Root is { } root)
        {
            error = FileSystem.TryOpenInRoot(root, name, flags, out var inside);
            return inside;
        }

        error = FileSystem.TryOpen(null, path.IsEmpty ? PathZ.OfTerminated(".\0"u8) : name, flags, out var outside);
        return outside;
    }

    private ReadOnlySpan<byte> Cut(out ReadOnlySpan<byte> name)
    {
        var path = _path.AsSpan().TrimEnd((byte)'/');
        var slash = path.LastIndexOf((byte)'/');
        name = path[(slash + 1)..];
        return slash < 0 ? default : slash == 0 ? "/"u8 : path[..slash];
    }
}
