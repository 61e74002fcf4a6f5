using System.IO.Compression;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Spill;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Writes and reads an image's file <c>tree</c>: every name in its tree, so that a check can tell what has changed since.</summary>
/// <remarks>
/// The head, the root's record under the name <c>.</c>, then what is in it, depth first, in the order of the names' bytes; a directory's records end with an
/// empty one. The last record, <c>end</c>, tells a whole file from a cut one. All of it is packed by gzip, to a third of its size: of an image that has its layers
/// from others it is most of what is new beside the directories. Images of earlier versions have it unpacked.
/// </remarks>
internal static class TreeRecordFile
{
    internal const string FileName = "tree";
    private static readonly byte[] s_rootName = [(byte)'.'];

    /// <summary>The first record.</summary>
    internal static ReadOnlySpan<byte> Head => "orca tree 1"u8;

    /// <summary>The last one.</summary>
    internal static ReadOnlySpan<byte> Tail => "end"u8;

    /// <summary>Writes the records of a tree as it is on the disk, and syncs them.</summary>
    /// <param name="directory">The image's directory.</param>
    /// <param name="rootfs">Its tree.</param>
    /// <param name="memory">See <see cref="LayerLimits.TableMemory"/>.</param>
    /// <param name="written">Sums of files that need not be read back, by <see cref="PathHash"/>.</param>
    internal static void Write(Fd directory, Fd rootfs, long memory, SpillTable? written = null)
    {
        using var file = FileSystem.Open(directory, PathZ.From(FileName), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, StorePaths.FileMode);
        using (var stream = Pack(new FdStream(file)))
        {
            Write(stream, Head);
            WriteRecords(stream, directory, rootfs, memory, written);
            Write(stream, Tail);
        }

        FileSystem.Sync(file);
    }

    /// <summary>The file's bytes, of all the records of another and a change to each.</summary>
    internal static byte[] Format(TreeRecordReader records, Func<TreeRecord, TreeRecord> change)
    {
        var content = new MemoryStream();
        using (var stream = Pack(content))
        {
            Write(stream, Head);
            while (records.TryNext())
            {
                change(records.Current).WriteTo(stream);
            }

            Write(stream, Tail);
        }

        return content.ToArray();
    }

    /// <summary>The records in order; null when the file is not there, cut, or damaged.</summary>
    internal static TreeRecordReader? TryOpen(Fd root, string imagePath) =>
        StoreDirectory.TryRead(root, $"{imagePath}/{FileName}", int.MaxValue - 1024) is { } content ? TreeRecordReader.TryOpen(content) : null;

    private static void WriteRecords(Stream stream, Fd directory, Fd rootfs, long memory, SpillTable? written)
    {
        TreeRecord.Of(s_rootName, FileSystem.Status(rootfs), sum: 0).WriteTo(stream);
        using var space = SpillSpace.In(directory, memory);
        using var sums = new FileSum(space);
        var paths = new Stack<UInt128>([PathHash.Root]);
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
    }

    private static void Write(Stream stream, ReadOnlySpan<byte> line)
    {
        stream.Write(line);
        stream.WriteByte(0);
    }

    private static BufferedStream Pack(Stream target) => new(new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true), 64 * 1024);
}
