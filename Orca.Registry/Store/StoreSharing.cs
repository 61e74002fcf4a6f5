using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Opens a store to other users, who may read its images and run them, and closes it again.</summary>
/// <remarks>
/// What made such stores dangerous (CVE-2021-41091, CVE-2021-41103, CVE-2024-25621) is that a set-uid file in an image belongs, on the disk, to
/// the store's owner: any user could start it there and be that owner. So no file that others can reach keeps such a bit: it is taken away on the disk, and
/// remembered in the side table. Containers, parts, locks and what is being built stay closed.
/// </remarks>
internal sealed class StoreSharing(StoreRoot store, ImageStore images)
{
    /// <summary>The file that says that the store is open on purpose.</summary>
    internal const string Mark = "shared";

    private const uint OpenDirectoryMode = 0b111_101_101; // 0755
    private const uint OpenFileMode = 0b110_100_100; // 0644
    private static readonly string[] s_files = [ImageBuilder.ManifestName, ImageReader.ConfigName, ImageBuilder.OwnersName, TreeRecordFile.FileName, ImageRecord.FileName];

    /// <summary>Opens the store. Images that come later are opened as they are published.</summary>
    /// <param name="cleared">How many files lost a set-id bit on the disk.</param>
    internal void Open(out int cleared)
    {
        var root = store.Open();
        store.EnsureDirectories();
        DurableFile.Write(root, ".", Mark, []);
        cleared = SetIdBits.ClearAll(root, images.Own().ConvertAll(static image => StorePaths.Image(image.Digest)));
        foreach (var image in images.Own())
        {
            OpenImage(root, StorePaths.Image(image.Digest));
        }

        foreach (var name in StoreDirectory.List(root, StorePaths.References))
        {
            SetMode(root, $"{StorePaths.References}/{System.Text.Encoding.UTF8.GetString(name)}", OpenFileMode);
        }

        SetMode(root, StorePaths.References, OpenDirectoryMode);
        SetMode(root, StorePaths.Images, OpenDirectoryMode);
        SetMode(root, StorePaths.Format, OpenFileMode);
        SetMode(root, ".", OpenDirectoryMode); // last: now others can come in
    }

    /// <summary>Closes the store; what runs from it elsewhere loses its files.</summary>
    internal void Close()
    {
        var root = store.Open();
        SetMode(root, ".", StorePaths.DirectoryMode);
        FileSystem.TryUnlink(root, PathZ.From(Mark));
        StoreDirectory.Sync(root, ".");
    }

    /// <summary>Lets others read an image that is about to be published in a shared store, or is there. Its set-id bits are gone already.</summary>
    internal static void OpenImage(Fd root, string path)
    {
        foreach (var file in s_files)
        {
            SetMode(root, $"{path}/{file}", OpenFileMode);
        }

        SetMode(root, path, OpenDirectoryMode);
    }

    /// <summary>Lets others read a name.</summary>
    internal static void OpenName(Fd root, string path) => SetMode(root, path, OpenFileMode);

    private static void SetMode(Fd root, string path, uint mode)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file);
        using (file)
        {
            if (error == Errno.None)
            {
                FileSystem.SetMode(file!, mode);
            }
            else if (error != Errno.ENOENT && !DamagedPath.IsAbout(error)) // it is gone, or damaged: a check names it
            {
                throw new LinuxException("open", path, error);
            }
        }
    }
}
