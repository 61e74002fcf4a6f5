using System.Numerics;
using System.Security.Cryptography;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.Spill;

/// <summary>Where what grows with the number of paths is kept: in memory, up to a limit for all of it, and beyond that in files without a name.</summary>
/// <remarks>The files are read and written by calls and never mapped: what of them is in memory is the kernel's cache, which it gives to others when they need it.</remarks>
internal sealed class SpillSpace : IDisposable
{
    private const uint FileMode = 0b110_000_000; // 0600

    private readonly Fd? _directory;
    private readonly long _memory;
    private long _left;

    private SpillSpace(Fd? directory, long memory) => (_directory, _memory, _left) = (directory, memory, memory);

    /// <summary>Memory without a limit, for what is read from where nothing may be written.</summary>
    internal static SpillSpace Unlimited => new(null, long.MaxValue);

    /// <summary>Bytes that a log keeps until it writes them.</summary>
    internal int Tail => _directory is null ? Array.MaxLength : (int)Math.Clamp(_memory / 64, 64, 256 * 1024);

    /// <summary>Keys of a table that is new.</summary>
    internal int Capacity => (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)_memory) / 1024, 8, 1024);

    /// <summary>Bytes of what is sorted at once.</summary>
    internal long Run => _directory is null ? long.MaxValue : Math.Clamp(_memory / 16, 64, 1024 * 1024);

    /// <summary>Space with its files on the file system of a directory.</summary>
    internal static SpillSpace In(Fd directory, long memory) => new(FileSystem.Open(directory, PathZ.OfTerminated(".\0"u8), O_RDONLY | O_DIRECTORY), memory);

    /// <summary>Space with its files beside a directory, of which nothing may be seen in it.</summary>
    internal static SpillSpace Beside(Fd directory, long memory) => new(FileSystem.Open(directory, PathZ.OfTerminated("..\0"u8), O_RDONLY | O_DIRECTORY), memory);

    /// <summary>Takes memory for a table: all that it wants, or, when that is not there, a part that is left to others too. A power of two.</summary>
    internal int Take(long words)
    {
        var least = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)_memory / 2048), 16, 8192);
        var fair = Math.Min(_memory / 8, _left) / sizeof(ulong);
        var taken = words <= least || words * sizeof(ulong) <= _left ? words : Math.Max(least, fair < 1 ? 0 : 1L << BitOperations.Log2((ulong)fair));
        _left -= taken * sizeof(ulong);
        return checked((int)taken);
    }

    /// <summary>Gives back what <see cref="Take"/> gave.</summary>
    internal void Return(int words) => _left += (long)words * sizeof(ulong);

    /// <summary>Opens a new file.</summary>
    internal SpillFile OpenFile() => OpenFile(_directory ?? throw new InvalidOperationException("there is no place for files"), SpillFile.Paths);

    /// <summary>Opens a new file on the file system of a directory, for something else.</summary>
    internal static SpillFile OpenFile(Fd directory, string content) => new(Open(directory, content), content);

    public void Dispose() => _directory?.Dispose();

    /// <summary>A file with a name, for file systems that have no others: the name goes at once.</summary>
    internal static Fd OpenNamed(Fd directory)
    {
        var name = PathZ.From($".new-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        var file = FileSystem.Open(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, FileMode);
        FileSystem.TryUnlink(directory, name);
        return file;
    }

    private static Fd Open(Fd directory, string content) =>
        UnlinkedFile.TryOpen(directory, O_RDWR, FileMode, out var file) switch
        {
            Errno.None => file!,
            Errno.EOPNOTSUPP or Errno.EISDIR or Errno.ENOENT or Errno.EINVAL => OpenNamed(directory),
            var error => throw SpillFile.Explain(new LinuxException("open", "a file without a name", error), content),
        };
}
