using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Transfers;

/// <summary>The directories below the target of a copy.</summary>
/// <param name="target">The target.</param>
/// <param name="inRoot">Its path in the container's root.</param>
/// <param name="root">The container's root; null for the host.</param>
internal sealed class TargetDirectories(Fd target, byte[] inRoot, Fd? root) : IDisposable
{
    private const uint NewDirectory = 0b111_101_101; // 0755, for one that the archive does not tell of
    private static readonly int s_directory = O_RDONLY | O_DIRECTORY;

    private byte[]? _parentPath;
    private Fd? _parent;

    /// <summary>Opens the directory that a path lies in. It stays this object's.</summary>
    internal Fd OpenParent(LayerPath path)
    {
        if (_parentPath is null || !path.Parent.SequenceEqual(_parentPath))
        {
            _parent?.Dispose();
            (_parent, _parentPath) = (null, null);
            _parent = Open(path.Parent);
            _parentPath = path.Parent.ToArray();
        }

        return _parent!;
    }

    /// <summary>Opens a directory of the copy, and makes what is missing of an archive that does not list its directories.</summary>
    internal Fd Open(ReadOnlySpan<byte> path)
    {
        var directory = TryOpen(path, out var error);
        if (error == Errno.ENOENT && !path.IsEmpty)
        {
            var slash = path.LastIndexOf((byte)'/');
            using (var above = Open(slash < 0 ? default : path[..slash]))
            {
                FileSystem.MakeDirectory(above, PathZ.From(path[(slash + 1)..]), NewDirectory, mayExist: true);
            }

            directory = TryOpen(path, out error);
        }

        return error == Errno.None ? directory! : throw new LinuxException("open", Quoted.Name(path), error);
    }

    /// <summary>Opens a directory of the copy that is there.</summary>
    internal Fd? TryOpen(ReadOnlySpan<byte> path, out Errno error)
    {
        if (path.IsEmpty)
        {
            error = FileSystem.TryOpen(target, PathZ.OfTerminated(".\0"u8), s_directory, out var again);
            return again;
        }

        return root is null ? TryOpenStrictly(path, out error) : TryOpenInside(path, out error);
    }

    /// <summary>Step by step, and no step is a link.</summary>
    private Fd? TryOpenStrictly(ReadOnlySpan<byte> path, out Errno error)
    {
        Fd? here = null;
        while (LayerPath.TakeComponent(ref path, out var component))
        {
            error = FileSystem.TryOpen(here ?? target, PathZ.From(component), s_directory | O_NOFOLLOW, out var next);
            here?.Dispose();
            if (error != Errno.None)
            {
                return null;
            }

            here = next;
        }

        error = Errno.None;
        return here;
    }

    /// <summary>As a program in the container would, which has links such as /lib where archives have directories.</summary>
    private Fd? TryOpenInside(ReadOnlySpan<byte> path, out Errno error)
    {
        error = FileSystem.TryOpenInRoot(root!, PathZ.From([.. inRoot, (byte)'/', .. path]), s_directory, out var directory);
        return directory;
    }

    public void Dispose() => _parent?.Dispose();
}
