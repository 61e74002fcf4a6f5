using static Tmds.Linux.LibC;

namespace Orca.Core.Linux;

/// <summary>What openat2's RESOLVE_IN_ROOT does, component by component, for kernels and filters that lack it.</summary>
/// <remarks>
/// Every component is opened with O_PATH|O_NOFOLLOW below the descriptor of its parent; a link's target is put before what is left to walk;
/// <c>..</c> goes up the stack of descriptors that were walked, never by the kernel, so a directory moved meanwhile cannot lead out.
/// </remarks>
internal static class InRootWalker
{
    private const int MaxLinks = 40;

    internal static Errno TryOpen(Fd root, ReadOnlySpan<byte> path, int flags, out Fd? fd, uint mode)
    {
        var walked = new Stack<Fd>();
        try
        {
            return Walk(root, path, flags, mode, walked, out fd);
        }
        finally
        {
            foreach (var step in walked)
            {
                step.Dispose();
            }
        }
    }

    private static Errno Walk(Fd root, ReadOnlySpan<byte> path, int flags, uint mode, Stack<Fd> walked, out Fd? fd)
    {
        fd = null;
        var links = 0;
        var rest = path;
        var mustBeDirectory = path.EndsWith("/"u8);
        var isExclusive = (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0;
        while (true)
        {
            rest = rest.TrimStart((byte)'/');
            var here = walked.Count > 0 ? walked.Peek() : root;
            if (rest.IsEmpty)
            {
                return (flags & O_CREAT) != 0
                    ? isExclusive ? Errno.EEXIST : Errno.EISDIR
                    : FileSystem.TryOpen(here, PathZ.OfTerminated(".\0"u8), flags & ~O_NOFOLLOW, out fd);
            }

            var slash = rest.IndexOf((byte)'/');
            var name = slash < 0 ? rest : rest[..slash];
            var after = slash < 0 ? [] : rest[slash..].TrimStart((byte)'/');
            if (name.SequenceEqual("."u8))
            {
                rest = after;
                continue;
            }

            if (name.SequenceEqual(".."u8))
            {
                if (walked.TryPop(out var left))
                {
                    left.Dispose();
                }

                rest = after;
                continue;
            }

            var last = after.IsEmpty;
            if (last && mustBeDirectory && (flags & O_CREAT) != 0)
            {
                return Errno.EISDIR; // before anything is looked up, as the kernel has it
            }

            var error = FileSystem.TryOpen(here, PathZ.From(name), O_PATH | O_NOFOLLOW, out var step);
            if (error != Errno.None)
            {
                if (error != Errno.ENOENT || !last || (flags & O_CREAT) == 0)
                {
                    return error;
                }

                return FileSystem.TryOpen(here, PathZ.From(name), flags | O_NOFOLLOW, out fd, mode);
            }

            var kind = FileSystem.Status(step!).Kind;
            if (kind == FileKind.SymbolicLink && !(last && !mustBeDirectory && ((flags & O_NOFOLLOW) != 0 || isExclusive)))
            {
                var target = FileSystem.ReadLink(PathZ.OfTerminated("\0"u8), step);
                step!.Dispose();
                if (++links > MaxLinks)
                {
                    return Errno.ELOOP;
                }

                if (target.AsSpan().StartsWith("/"u8))
                {
                    while (walked.TryPop(out var left))
                    {
                        left.Dispose();
                    }
                }

                mustBeDirectory |= last && target.AsSpan().EndsWith("/"u8);
                rest = last ? target : (byte[])[.. target, .. "/"u8, .. after];
                continue;
            }

            if (last && kind != FileKind.Directory)
            {
                return Reopen(here, name, step!, mustBeDirectory ? flags | O_DIRECTORY : flags, out fd);
            }

            walked.Push(step!);
            if (kind != FileKind.Directory)
            {
                return Errno.ENOTDIR;
            }

            rest = after;
        }
    }

    /// <summary>Opens what a name stood for a moment ago as <paramref name="flags"/> ask; another thing by now is as good, a link is refused.</summary>
    private static Errno Reopen(Fd parent, ReadOnlySpan<byte> name, Fd step, int flags, out Fd? fd)
    {
        if ((flags & O_EXCL) != 0 && (flags & O_CREAT) != 0)
        {
            step.Dispose();
            fd = null;
            return Errno.EEXIST;
        }

        if ((flags & O_DIRECTORY) != 0)
        {
            step.Dispose();
            fd = null;
            return Errno.ENOTDIR;
        }

        if ((flags & O_PATH) != 0)
        {
            fd = step;
            return Errno.None;
        }

        step.Dispose();
        return FileSystem.TryOpen(parent, PathZ.From(name), (flags | O_NOFOLLOW) & ~O_CREAT, out fd);
    }
}
