using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Scratch;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Writes and reads an image's file <c>tree</c>: every name in its tree, so that a check can tell what has changed since.</summary>
/// <remarks>
/// The head, the root's record under the name <c>.</c>, then what is in it, depth first, in the order of the names' bytes; a directory's records end with an
/// empty one. The last record, <c>end</c>, tells a whole file from a cut one.
/// </remarks>
internal static class TreeRecordFile
{
    internal const string FileName = "tree";
    private static readonly byte[] s_rootName = [(byte)'.'];

    /// <summary>Writes the records of a tree as it is on the disk, and syncs them.</summary>
    /// <param name="directory">The image's directory.</param>
    /// <param name="rootfs">Its tree.</param>
    /// <param name="memory">See <see cref="LayerLimits.TableMemory"/>.</param>
    /// <param name="written">Sums of files that need not be read back, by <see cref="PathHash"/>.</param>
    internal static void Write(Fd directory, Fd rootfs, long memory, ScratchTable? written = null)
    {
        using var file = FileSystem.Open(directory, PathZ.From(FileName), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, StorePaths.FileMode);
        using var stream = new BufferedStream(new FdStream(file), 64 * 1024);
        stream.Write("orca tree 1\0"u8);
        TreeRecord.Of(s_rootName, FileSystem.Status(rootfs), sum: 0).WriteTo(stream);
        using var space = ScratchSpace.In(directory, memory);
        using var sums = new FileSum(space);
        var paths = new Stack<ulong>([PathHash.Root]);
        using var walker = new TreeWalker(rootfs, space);
        while (walker.Next())
        {
            if (walker.IsLeaving)
            {
                TreeRecord.End.WriteTo(stream);
                paths.Pop();
                continue;
            }

            var path = PathHash.Child(paths.Peek(), walker.Name);
            if (walker.Status.IsDirectory)
            {
                paths.Push(path);
            }

            var sum = walker.Status is { Kind: FileKind.Regular, Size: > 0 } && written?.Contains(path) == true ? written.Get(path) : sums.Of(walker.Directory, walker.Name, walker.Status);
            TreeRecord.Of(walker.Name, walker.Status, sum).WriteTo(stream);
        }

        TreeRecord.End.WriteTo(stream);
        stream.Write("end\0"u8);
        stream.Flush();
        FileSystem.Sync(file);
    }

    /// <summary>The file's bytes, of all its records.</summary>
    internal static byte[] Format(List<TreeRecord> records)
    {
        using var stream = new MemoryStream();
        stream.Write("orca tree 1\0"u8);
        foreach (var record in records)
        {
            record.WriteTo(stream);
        }

        stream.Write("end\0"u8);
        return stream.ToArray();
    }

    /// <summary>The records in order, the root's first and the root's end last; null when the file is not there, cut, or damaged.</summary>
    internal static List<TreeRecord>? TryRead(Fd root, string imagePath)
    {
        if (StoreDirectory.TryRead(root, $"{imagePath}/{FileName}", int.MaxValue - 1024) is not { } content)
        {
            return null;
        }

        var records = new List<TreeRecord>();
        ReadOnlySpan<byte> rest = content;
        if (!TakeLine(ref rest, out var line) || !line.SequenceEqual("orca tree 1"u8))
        {
            return null;
        }

        var depth = 0;
        while (TakeLine(ref rest, out line))
        {
            if (line.SequenceEqual("end"u8))
            {
                return depth == 0 && records.Count > 0 && rest.IsEmpty ? records : null;
            }

            if (TreeRecord.Read(line) is not { } record || (depth == 0 && records.Count > 0))
            {
                return null;
            }

            records.Add(record);
            depth += record.IsEnd ? -1 : record.IsDirectory ? 1 : 0;
        }

        return null;
    }

    private static bool TakeLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf((byte)0);
        line = end < 0 ? default : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return end >= 0;
    }
}
