using System.IO.Compression;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Scratch;
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

    private static ReadOnlySpan<byte> Head => "orca tree 1\0"u8;

    private static ReadOnlySpan<byte> Tail => "end\0"u8;

    /// <summary>Writes the records of a tree as it is on the disk, and syncs them.</summary>
    /// <param name="directory">The image's directory.</param>
    /// <param name="rootfs">Its tree.</param>
    /// <param name="memory">See <see cref="LayerLimits.TableMemory"/>.</param>
    /// <param name="written">Sums of files that need not be read back, by <see cref="PathHash"/>.</param>
    internal static void Write(Fd directory, Fd rootfs, long memory, ScratchTable? written = null)
    {
        using var file = FileSystem.Open(directory, PathZ.From(FileName), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, StorePaths.FileMode);
        using (var stream = Pack(new FdStream(file)))
        {
            stream.Write(Head);
            WriteRecords(stream, directory, rootfs, memory, written);
            stream.Write(Tail);
        }

        FileSystem.Sync(file);
    }

    /// <summary>The file's bytes, of all its records.</summary>
    internal static byte[] Format(List<TreeRecord> records)
    {
        var content = new MemoryStream();
        using (var stream = Pack(content))
        {
            stream.Write(Head);
            foreach (var record in records)
            {
                record.WriteTo(stream);
            }

            stream.Write(Tail);
        }

        return content.ToArray();
    }

    /// <summary>The records in order, the root's first and the root's end last; null when the file is not there, cut, or damaged.</summary>
    internal static List<TreeRecord>? TryRead(Fd root, string imagePath)
    {
        if (StoreDirectory.TryRead(root, $"{imagePath}/{FileName}", int.MaxValue - 1024) is not { } content || !TryUnpack(content, out var rest) || !rest.StartsWith(Head))
        {
            return null;
        }

        rest = rest[Head.Length..];
        var records = new List<TreeRecord>();
        var depth = 0;
        while (!rest.SequenceEqual(Tail))
        {
            if (!TakeLine(ref rest, out var line) || TreeRecord.Read(line) is not { } record || (depth == 0 && records.Count > 0))
            {
                return null;
            }

            records.Add(record);
            depth += record.IsEnd ? -1 : record.IsDirectory ? 1 : 0;
        }

        return depth == 0 && records.Count > 0 ? records : null;
    }

    private static void WriteRecords(Stream stream, Fd directory, Fd rootfs, long memory, ScratchTable? written)
    {
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
    }

    private static BufferedStream Pack(Stream target) => new(new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true), 64 * 1024);

    private static bool TryUnpack(byte[] content, out ReadOnlySpan<byte> records)
    {
        records = content;
        if (content is not [0x1f, 0x8b, ..])
        {
            return true;
        }

        var unpacked = new MemoryStream();
        using var window = new InputWindow(new MemoryStream(content));
        using var decoder = new GzipDecoder(window, FileName);
        try
        {
            decoder.CopyTo(unpacked);
        }
        catch (ContentException)
        {
            return false;
        }

        records = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        return true;
    }

    private static bool TakeLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf((byte)0);
        line = end < 0 ? default : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return end >= 0;
    }
}
