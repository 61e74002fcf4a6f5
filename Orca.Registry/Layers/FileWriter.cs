using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Writes one regular file: create, write, xattrs, mode, time. Four calls for an ordinary small file.</summary>
internal static class FileWriter
{
    private const uint OwnerWrite = 0b010_000_000; // u+w: without it the owner may not set xattrs, even on a descriptor open for writing

    /// <summary>Of larger sparse files nobody waits for the sum of their zeros: it is not known.</summary>
    private const long LongestSummed = 64L << 30;

    /// <summary>After so many zeros a pull that is given up ends.</summary>
    private const long HolePiece = 1L << 30;

    /// <returns>The <see cref="ContentSum"/> of its bytes; 0 when it is not known.</returns>
    internal static ulong Write(FlatTree tree, TarReader tar, DirectoryNode parent, PathZ name, CancellationToken cancellationToken)
    {
        var entry = tar.Entry;
        var sum = 0UL;
        var mode = entry.Mode | OwnerMode.File;
        var created = (mode & 0b111_111_111) | (entry.Xattrs.Count > 0 ? OwnerWrite : 0);
        if (tree.Batches is { } batches && batches.TryAdd(tree, tar, parent, name, created, mode, out sum))
        {
            tree.Bytes += entry.Size;
            tree.Entries++;
            tree.AfterEntry(parent, name.Bytes, entry, FileKind.Regular, mode);
            return sum;
        }

        using var file = Create(tree, parent, name, created);
        if (entry.IsSparse)
        {
            sum = WriteRegions(file, tar, cancellationToken);
        }
        else
        {
            sum = WriteData(file, tar, cancellationToken);
        }

        if (entry.Xattrs.Count > 0)
        {
            if ((tree.Umask & OwnerWrite) != 0)
            {
                FileSystem.SetMode(file, created);
            }

            XattrWriter.Set(file, entry, tree.Warnings);
        }

        if ((created & ~tree.Umask) != mode)
        {
            FileSystem.SetMode(file, mode); // after writing, which clears set-id bits
        }

        _ = FileSystem.TrySetTime(file, entry.Modified);
        if (sum != 0 && entry.Size > 0)
        {
            tree.Batches?.Sums.Set(PathHash.Child(parent.Hash, name.Bytes), sum);
        }

        tree.Bytes += entry.Size;
        tree.Entries++;
        tree.AfterEntry(parent, name.Bytes, entry, FileKind.Regular, mode);
        return sum;
    }

    /// <summary>Makes a new file, never opens one that is there: it may have other names, or be a link.</summary>
    internal static Fd Create(FlatTree tree, DirectoryNode parent, PathZ name, uint mode)
    {
        for (var attempt = 0; ; attempt++)
        {
            var error = FileSystem.TryOpen(parent.Handle, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, out var file, mode);
            if (error == Errno.None)
            {
                return file!;
            }

            if (error != Errno.EEXIST || attempt > 64)
            {
                throw new LinuxException("open", name.ToString(), error);
            }

            tree.Remove(parent, name);
        }
    }

    private static ulong WriteData(Fd file, TarReader tar, CancellationToken cancellationToken)
    {
        var (sum, holes) = (new ContentSum(), new HoleWriter(file));
        AddData(tar, tar.Entry.Size, ref sum, ref holes, cancellationToken);
        holes.Finish();
        return sum.Finish();
    }

    private static ulong WriteRegions(Fd file, TarReader tar, CancellationToken cancellationToken)
    {
        var (sum, holes) = (new ContentSum(), new HoleWriter(file));
        var isSummed = tar.Entry.Size <= LongestSummed;
        foreach (var region in tar.Entry.Regions)
        {
            AddHole(region.Offset - holes.Length, isSummed, ref sum, ref holes, cancellationToken);
            AddData(tar, region.Length, ref sum, ref holes, cancellationToken);
        }

        AddHole(tar.Entry.Size - holes.Length, isSummed, ref sum, ref holes, cancellationToken);
        holes.Finish();
        return isSummed ? sum.Finish() : 0;
    }

    private static void AddData(TarReader tar, long length, ref ContentSum sum, ref HoleWriter holes, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var data = tar.ReadData(length);
            holes.Write(data);
            sum.Add(data);
            length -= data.Length;
        }
    }

    private static void AddHole(long length, bool isSummed, ref ContentSum sum, ref HoleWriter holes, CancellationToken cancellationToken)
    {
        holes.Skip(length);
        for (long piece; isSummed && length > 0; length -= piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            piece = Math.Min(length, HolePiece);
            sum.AddZeros(piece);
        }
    }
}
