using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Makes files that have no name and go with their descriptor (open(2), O_TMPFILE).</summary>
internal static class UnlinkedFile
{
    private const int Temporary = 0x400000; // __O_TMPFILE, which with O_DIRECTORY is O_TMPFILE

    /// <summary>Opens one on the file system of a directory. EOPNOTSUPP or EISDIR: it has no such files (NFS).</summary>
    internal static Errno TryOpen(Fd directory, int access, uint mode, out Fd? file) =>
        FileSystem.TryOpen(directory, PathZ.OfTerminated(".\0"u8), access | Temporary | O_DIRECTORY, out file, mode);
}
