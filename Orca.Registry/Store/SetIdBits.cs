using System.Globalization;
using System.Text;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Takes set-uid and set-gid away from the files of images, on the disk; the side table keeps the true modes.</summary>
/// <remarks>
/// The records are written before the bits go, so that a crash between leaves bits, which the next time takes, and never a file whose true
/// mode is forgotten. Images can have files in common: so the records of all come first, then the bits of all.
/// </remarks>
internal static class SetIdBits
{
    private const uint Bits = 0xC00; // 06000

    /// <summary>Clears them in published images.</summary>
    /// <param name="root">The store's root.</param>
    /// <param name="images">The images' directories below it.</param>
    /// <returns>How many files had such a bit.</returns>
    internal static int ClearAll(Fd root, IReadOnlyList<string> images)
    {
        var found = new List<(string Image, List<(byte[] Path, uint Mode)> Files)>();
        foreach (var image in images)
        {
            UnlessRemoved(root, image, () =>
            {
                using var rootfs = FileSystem.OpenDirectory(root, PathZ.From($"{image}/{ImageReader.RootfsName}"));
                if (Find(rootfs) is { Count: > 0 } files)
                {
                    found.Add((image, files));
                    RememberModes(root, image, files);
                    RewriteTree(root, image);
                }
            });
        }

        foreach (var (image, files) in found)
        {
            UnlessRemoved(root, image, () => Clear(root, image, files));
        }

        return found.Sum(static entry => entry.Files.Count);
    }

    /// <summary>An image that is removed meanwhile has no bits that somebody could reach.</summary>
    private static void UnlessRemoved(Fd root, string image, Action step)
    {
        try
        {
            step();
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT && StoreDirectory.IsAbsent(root, image))
        {
            // Its removal was quicker.
        }
    }

    /// <summary>Clears them in an image that is being built and whose side table is written.</summary>
    internal static void ClearStaged(Fd root, string image)
    {
        using var rootfs = FileSystem.OpenDirectory(root, PathZ.From($"{image}/{ImageReader.RootfsName}"));
        if (Find(rootfs) is { Count: > 0 } files)
        {
            RememberModes(root, image, files);
            Clear(root, image, files);
        }
    }

    private static List<(byte[] Path, uint Mode)> Find(Fd rootfs)
    {
        var files = new List<(byte[], uint)>();
        using var walker = new TreeWalker(rootfs);
        while (walker.Next())
        {
            if (!walker.IsLeaving && walker.Status.Kind == FileKind.Regular && (walker.Status.Mode & Bits) != 0)
            {
                files.Add((walker.Path, walker.Status.Mode));
            }
        }

        return files;
    }

    private static void RememberModes(Fd root, string image, List<(byte[] Path, uint Mode)> files)
    {
        var known = OwnerTableReader.TryRead(root, image) ?? [];
        var all = new SortedDictionary<byte[], string>(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var (path, record) in known)
        {
            all[path] = string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(record.Mode, 8)} {record.Uid} {record.Gid} {record.Special} ");
        }

        foreach (var (path, mode) in files)
        {
            all.TryAdd(path, $"{Convert.ToString(mode, 8)} 0 0 - "); // what is there has the true mode already
        }

        var content = new MemoryStream();
        foreach (var (path, fields) in all)
        {
            content.Write(Encoding.ASCII.GetBytes(fields));
            content.Write(path);
            content.WriteByte(0);
        }

        DurableFile.Write(root, image, ImageBuilder.OwnersName, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private static void RewriteTree(Fd root, string image)
    {
        using var records = TreeRecordFile.TryOpen(root, image);
        if (records is not null) // if it is damaged, a check says so
        {
            var content = TreeRecordFile.Format(
                records, static record => (FileKind)(record.Mode & 0xF000) == FileKind.Regular ? record with { Mode = record.Mode & ~Bits } : record);
            DurableFile.Write(root, image, TreeRecordFile.FileName, content);
        }
    }

    private static void Clear(Fd root, string image, List<(byte[] Path, uint Mode)> files)
    {
        using var rootfs = FileSystem.OpenDirectory(root, PathZ.From($"{image}/{ImageReader.RootfsName}"));
        foreach (var (path, mode) in files)
        {
            var error = FileSystem.TryOpenInRoot(rootfs, PathZ.From(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file);
            using (file)
            {
                if (error != Errno.None)
                {
                    throw new LinuxException("open", Orca.Core.Errors.Quoted.Name(path), error);
                }

                FileSystem.SetMode(file!, mode & 0b111_111_111_111 & ~Bits);
            }
        }
    }
}
