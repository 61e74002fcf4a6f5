using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Takes one step from a directory of the tree to the next.</summary>
internal abstract class StepWalker(FlatTree tree)
{
    private const uint ImpliedMode = 0x1ED; // 0755

    /// <summary>The directory that a name in a directory leads to; null when there is none and none shall be made.</summary>
    internal abstract DirectoryNode? Step(DirectoryNode from, ReadOnlySpan<byte> name, bool create);

    /// <summary>Makes a directory that no entry listed; null when something has that name meanwhile.</summary>
    protected DirectoryNode? Make(DirectoryNode from, ReadOnlySpan<byte> name, PathZ nameZ)
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
