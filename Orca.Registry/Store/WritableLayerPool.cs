using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Writable layers that nothing was written to, kept for the next container that goes with its run.</summary>
/// <remarks>
/// Most runs write nothing, and their directories are as good as new: a spare is a container's directory with its lock and its work directory. A spare belongs
/// to nobody: who renames it away has it, and needs no lock for that.
/// The upper directory is made for each run and removed at its end: a process that was given a descriptor of the container's root can write nothing more there.
/// What the kernel makes in the work directory is deleted in the same run. So a file system with a journal, which writes what a few seconds have changed at one
/// stroke, never writes the blocks of these directories: on ext4 a run alone writes 120 KB with its journal, and wrote 176 when the next run deleted them.
/// </remarks>
internal static class WritableLayerPool
{
    private const int Places = 4;
    private const string KernelsOwn = "work"; // overlay makes this directory in the work directory at each mount
    private const string VolatileMark = KernelsOwn + "/incompat"; // and in it this one for a volatile mount, to refuse the next mount on it
    private static readonly string[] s_ofEarlierVersions = ["old", "old-upper"];

    /// <summary>Makes the first spare, so that a run leaves a store as it found it.</summary>
    internal static void Prepare(Fd root) => TryFill(root, PathOf(0));

    /// <summary>Makes what an untouched container would have left, in a directory that may be there.</summary>
    internal static bool TryFill(Fd root, string path)
    {
        foreach (var directory in (string[])[path, $"{path}/{ContainerDirectory.WorkName}"])
        {
            if (FileSystem.TryMakeDirectory(root, PathZ.From(directory), StorePaths.DirectoryMode) is not (Errno.None or Errno.EEXIST))
            {
                return false;
            }
        }

        var flags = Tmds.Linux.LibC.O_WRONLY | Tmds.Linux.LibC.O_CREAT | Tmds.Linux.LibC.O_NOFOLLOW;
        if (FileSystem.TryOpen(root, PathZ.From($"{path}/{ContainerCatalog.LockName}"), flags, out var file, StorePaths.FileMode) != Errno.None)
        {
            return false;
        }

        using (file)
        {
            try
            {
                FileSystem.WriteAt(file!, ContainerCatalog.FormatHolder(0), 0); // it has its block on the disk, then: a run changes it in place
                return true;
            }
            catch (LinuxException)
            {
                return false;
            }
        }
    }

    /// <summary>Moves a spare to a container's place; false when there is none.</summary>
    internal static bool TryTake(Fd root, string path)
    {
        for (var place = 0; place < Places; place++)
        {
            if (FileSystem.TryRename(root, PathZ.From(PathOf(place)), root, PathZ.From(path)) == Errno.None)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes the container's directory a spare, if its layer is as it was made and there is a place for it.</summary>
    internal static bool TryGive(Fd root, string path)
    {
        var kernels = $"{path}/{ContainerDirectory.WorkName}/{KernelsOwn}";
        return FileSystem.TryUnlink(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"), directory: true) == Errno.None // it is empty, then
            && (FileSystem.TryUnlink(root, PathZ.From(kernels), directory: true) is Errno.None or Errno.ENOENT || TreeDeleter.TryDelete(root, kernels) is null)
            && TryPlace(root, path);
    }

    /// <summary>Moves a container's directory to a free place among the spares.</summary>
    internal static bool TryPlace(Fd root, string path)
    {
        for (var place = 0; place < Places; place++)
        {
            // A place that is taken refuses: its directory is not empty.
            if (FileSystem.TryRename(root, PathZ.From(path), root, PathZ.From(PathOf(place))) == Errno.None)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Deletes the mark by which the kernel refuses another mount on the work directory of a volatile one. While the container runs nothing reads it.</summary>
    internal static void Tidy(Fd root, string path)
    {
        var mark = $"{path}/{ContainerDirectory.WorkName}/{VolatileMark}";
        FileSystem.TryUnlink(root, PathZ.From($"{mark}/volatile/dirty"));
        FileSystem.TryUnlink(root, PathZ.From($"{mark}/volatile"), directory: true);
        FileSystem.TryUnlink(root, PathZ.From(mark), directory: true);
    }

    /// <summary>Whether a container can be made in what was a spare; takes away what an earlier version has left in it, an upper directory and what was set aside.</summary>
    internal static bool TryOpen(Fd root, string path) => IsSound(root, path, out var hasUpper) && (!hasUpper
        || (Array.TrueForAll(s_ofEarlierVersions, name => TreeDeleter.TryDelete(root, $"{path}/{ContainerDirectory.WorkName}/{name}") is null)
            && FileSystem.TryUnlink(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"), directory: true) == Errno.None));

    /// <summary>The spares that no container can be made in: paths below the store's root. What was set aside is no spare.</summary>
    internal static IEnumerable<string> Damaged(Fd root) => StoreDirectory.List(root, StorePaths.Spares)
        .Where(static name => !DamagedPath.IsAside(name)).Select(static name => $"{StorePaths.Spares}/{System.Text.Encoding.UTF8.GetString(name)}").Where(path => !IsSound(root, path, out _));

    private static bool IsSound(Fd root, string path, out bool hasUpper)
    {
        var error = FileSystem.TryStatus(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"), out var upper);
        hasUpper = error != Errno.ENOENT;
        return (!hasUpper || (error == Errno.None && upper.IsDirectory && upper.Uid == CurrentUser.EffectiveUid))
            && DamagedPath.IsUsable(root, path, FileKind.Directory) && DamagedPath.IsUsable(root, $"{path}/{ContainerDirectory.WorkName}", FileKind.Directory);
    }

    private static string PathOf(int place) => place switch
    {
        0 => StorePaths.Spares + "/0",
        1 => StorePaths.Spares + "/1",
        2 => StorePaths.Spares + "/2",
        _ => StorePaths.Spares + "/3",
    };
}
