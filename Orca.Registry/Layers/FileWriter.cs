using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Writes one regular file: create, write, xattrs, mode, time. Four calls for an ordinary small file.</summary>
internal static class FileWriter
{
    private const uint OwnerWrite = 0x80; // u+w: without it the owner may not set xattrs, even on a descriptor open for writing

    /// <returns>The <see cref="ContentSum"/> of its bytes; 0 for what has holes.</returns>
    internal static ulong Write(FlatTree tree, TarReader tar, DirectoryNode parent, PathZ name, CancellationToken cancellationToken)
    {
        var entry = tar.Entry;
        var sum = 0UL;
        var mode = entry.Mode | OwnerMode.File;
        var created = (mode & 0x1FF) | (entry.Xattrs.Count > 0 ? OwnerWrite : 0);
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
            WriteRegions(file, tar, cancellationToken);
        }
        else
        {
            sum = WriteData(file, tar, entry.Size, cancellationToken);
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

    private static ulong WriteData(Fd file, TarReader tar, long length, CancellationToken cancellationToken)
    {
        var sum = new ContentSum();
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var data = tar.ReadData(length);
            FileSystem.Write(file, data);
            sum.Add(data);
            length -= data.Length;
        }

        return sum.Finish();
    }

    private static void WriteRegions(Fd file, TarReader tar, CancellationToken cancellationToken)
    {
        foreach (var region in tar.Entry.Regions)
        {
            if (region.Length > 0)
            {
                FileSystem.Seek(file, region.Offset);
                WriteData(file, tar, region.Length, cancellationToken);
            }
        }

        FileSystem.SetLength(file, tar.Entry.Size);
    }
}
