using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Gives a file of a stored image a name in another tree: a hard link where that can be, else a copy that shares its blocks where the file system can.</summary>
internal static class LinkedFile
{
    /// <summary>Where programs refuse a file that has several names: cron its tables, logrotate its logs. These are copied.</summary>
    internal static bool MustBeAlone(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> name) =>
        parent.StartsWith("etc/cron"u8) || parent.StartsWith("var/spool/cron"u8) || parent.StartsWith("var/log"u8)
        || (parent.SequenceEqual("etc"u8) && name.SequenceEqual("crontab"u8));

    /// <summary>Makes the name. Nothing is replaced.</summary>
    /// <param name="fromDirectory">The directory of the file.</param>
    /// <param name="from">Its name there.</param>
    /// <param name="parent">Where it gets another one.</param>
    /// <param name="name">Which one.</param>
    /// <param name="isAlone">True when it is to be a copy: see <see cref="MustBeAlone"/>.</param>
    internal static Errno TryMake(Fd fromDirectory, PathZ from, DirectoryNode parent, PathZ name, bool isAlone)
    {
        var error = isAlone
            ? Errno.EPERM
            : FileSystem.TryHardLink(fromDirectory, from, parent.Handle, name);
        return error is Errno.EMLINK or Errno.EPERM or Errno.EXDEV or Errno.EOPNOTSUPP ? TryCopy(fromDirectory, from, parent, name) : error;
    }

    private static Errno TryCopy(Fd fromDirectory, PathZ from, DirectoryNode parent, PathZ name)
    {
        using var source = FileSystem.Open(fromDirectory, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        var error = FileSystem.TryOpen(parent.Handle, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, out var copy, 0x180 /* 0600 */);
        if (error != Errno.None)
        {
            return error;
        }

        using (copy)
        {
            FileCopy.Fill(source, copy!);
        }

        return Errno.None;
    }
}
