using Orca.Core.Linux;
using Orca.Registry.Layers;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Reads files and links for their <see cref="ContentSum"/>. A file with several names is read once.</summary>
internal sealed class FileSum
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private readonly Dictionary<(ulong Device, ulong Inode), ulong> _known = [];

    /// <summary>The sum of a regular file or of a link's target; 0 for all else, and for what is empty.</summary>
    internal ulong Of(Fd directory, byte[] name, in FileStatus status)
    {
        switch (status.Kind)
        {
            case FileKind.SymbolicLink:
                return ContentSum.Of(FileSystem.ReadLink(PathZ.From(name), directory));
            case FileKind.Regular when status.Size > 0:
                break;
            default:
                return 0;
        }

        if (status.Links == 1)
        {
            return Read(directory, name);
        }

        var key = (status.Device, status.Inode);
        return _known.TryGetValue(key, out var known) ? known : _known[key] = Read(directory, name);
    }

    private ulong Read(Fd directory, byte[] name)
    {
        using var file = FileSystem.Open(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        return ContentSum.Of(file, _buffer);
    }
}
