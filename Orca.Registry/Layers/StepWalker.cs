using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Takes one step from a directory of the tree to the next.</summary>
internal abstract class StepWalker(FlatTree tree)
{
    private const uint ImpliedMode = 0b111_101_101; // 0755
    private const int MaxAttempts = 64;

    /// <summary>The directory that a name in a directory leads to; null when there is none and none shall be made.</summary>
    internal DirectoryNode? Step(DirectoryNode from, ReadOnlySpan<byte> name, bool create)
    {
        var links = 0;
        return Step(from, name, create, ref links);
    }

    /// <inheritdoc cref="Step(DirectoryNode, ReadOnlySpan{byte}, bool)"/>
    /// <param name="from">The directory.</param>
    /// <param name="name">The name in it.</param>
    /// <param name="create">Make what is missing.</param>
    /// <param name="links">Symbolic links followed so far.</param>
    protected DirectoryNode? Step(DirectoryNode from, ReadOnlySpan<byte> name, bool create, ref int links)
    {
        var nameZ = PathZ.From(name);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var error = FileSystem.TryOpen(from.Handle, nameZ, O_PATH | O_DIRECTORY | O_NOFOLLOW, out var fd);
            switch (error)
            {
                case Errno.None:
                    return from.Child(name, fd!);
                case Errno.ENOENT when !create:
                    return null;
                case Errno.ENOENT:
                    if (Make(from, name, nameZ) is { } made)
                    {
                        return made;
                    }

                    break;
                case Errno.ENOTDIR or Errno.ELOOP:
                    if (TryPass(from, name, nameZ, create, ref links, out var passed))
                    {
                        return passed;
                    }

                    break;
                default:
                    throw new LinuxException("open", nameZ.ToString(), error);
            }
        }

        throw new LinuxException("open", nameZ.ToString(), Errno.EAGAIN);
    }

    /// <summary>Deals with what is no directory on the way.</summary>
    /// <returns>True with the step's outcome; false when the name is to be tried again.</returns>
    protected abstract bool TryPass(DirectoryNode from, ReadOnlySpan<byte> name, PathZ nameZ, bool create, ref int links, out DirectoryNode? outcome);

    /// <summary>Makes a directory that no entry listed; null when something has that name meanwhile.</summary>
    private DirectoryNode? Make(DirectoryNode from, ReadOnlySpan<byte> name, PathZ nameZ)
    {
        tree.BeforeChange(from);
        var error = tree.TryMakeDirectory(from, nameZ);
        if (error == Errno.EEXIST)
        {
            return null;
        }

        if (error != Errno.None)
        {
            throw new LinuxException("mkdir", nameZ.ToString(), error);
        }

        // Opened for reading, so that the mode can be made independent of umask and of a set-gid parent.
        using var fd = FileSystem.OpenDirectory(from.Handle, nameZ);
        FileSystem.SetMode(fd, ImpliedMode);
        var node = from.Child(name, FileSystem.Open(fd, PathZ.OfTerminated(".\0"u8), O_PATH | O_DIRECTORY));
        tree.AfterMake(node);
        return node;
    }
}
