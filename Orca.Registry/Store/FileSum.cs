using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Spill;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Reads files and links for their <see cref="ContentSum"/>. A file with several names is read once.</summary>
internal sealed class FileSum(SpillSpace space) : IDisposable
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private readonly SpillTable _known = SpillTable.OfWords(space); // by inode
    private ulong? _device;

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

        if (status.Links == 1 || status.Device != (_device ??= status.Device))
        {
            return Read(directory, name, status.Size);
        }

        var key = status.Inode << 1; // the lowest bit is the table's
        if (!_known.Contains(key))
        {
            _known.Set(key, Read(directory, name, status.Size));
        }

        return _known.Get(key);
    }

    public void Dispose() => _known.Dispose();

    private ulong Read(Fd directory, byte[] name, long size)
    {
        using var file = FileSystem.Open(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        return ContentSum.Of(file, size, _buffer);
    }
}
