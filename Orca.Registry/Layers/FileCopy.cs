using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Makes one file of the store like another; their blocks are shared where the file system can do that.</summary>
internal static class FileCopy
{
    /// <summary>Copies bytes, extended attributes (file capabilities too, where the kernel lets us), mode and time into a file that is empty.</summary>
    internal static void Fill(Fd source, Fd copy)
    {
        var status = FileSystem.Status(source);
        SparseCopy.Fill(source, copy, status.Size);
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
}
