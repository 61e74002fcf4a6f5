namespace Orca.Core.Linux;

/// <content>Where files have holes.</content>
public static partial class FileSystem
{
    /// <summary>lseek(2), SEEK_DATA: the first byte at or behind an offset that is in no hole. ENXIO: there is none; other errors: this file system does not know.</summary>
    /// <remarks>Moves the descriptor's position.</remarks>
    public static Errno TrySeekData(Fd fd, long offset, out long position) => TrySeek(fd, offset, 3, out position);

    /// <summary>lseek(2), SEEK_HOLE: the first byte at or behind an offset that is in a hole; the end of the file counts as one.</summary>
    /// <remarks>Moves the descriptor's position.</remarks>
    public static Errno TrySeekHole(Fd fd, long offset, out long position) => TrySeek(fd, offset, 4, out position);

    private static Errno TrySeek(Fd fd, long offset, int whence, out long position)
    {
        position = Native.lseek(fd.Number, offset, whence);
        return position < 0 ? Call.LastErrno : Errno.None;
    }
}
