using System.Buffers;
using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Makes one file of the store like another; their blocks are shared where the file system can do that.</summary>
internal static class FileCopy
{
    /// <summary>Copies bytes, extended attributes (file capabilities too, where the kernel lets us), mode and time into a file that is empty.</summary>
    internal static void Fill(Fd source, Fd copy)
    {
        var status = FileSystem.Status(source);
        CopyBytes(source, copy);
        foreach (var xattr in FileSystem.ListXattrs(source))
        {
            if (XattrPolicy.Decide(xattr) is XattrRule.Keep or XattrRule.Try && FileSystem.GetXattr(source, PathZ.From(xattr)) is { } value)
            {
                _ = FileSystem.TrySetXattr(copy, PathZ.From(xattr), value);
            }
        }

        FileSystem.SetMode(copy, status.Permissions);
        _ = FileSystem.TrySetTime(copy, status.Modified);
    }

    private static void CopyBytes(Fd source, Fd copy)
    {
        if (FileSystem.TryClone(source, copy) == Errno.None)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            while (FileSystem.Read(source, buffer) is > 0 and var count)
            {
                FileSystem.Write(copy, buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
