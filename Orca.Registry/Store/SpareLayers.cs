using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Writable layers that nothing was written to, kept for the next container that goes with its run.</summary>
/// <remarks>
/// Most runs write nothing, and their directories are as good as new. Making and deleting six of them for each run is what costs most in it (measured: 25 and
/// 270 microseconds each, on ext4 with discard). A spare belongs to nobody: who renames it away has it, and needs no lock for that.
/// What the kernel has made in the work directory cannot serve twice, nor can the upper directory itself: who was given a descriptor of the container's root
/// by the last one still writes there. Both are moved aside at the end and deleted while the next container starts.
/// </remarks>
internal static class SpareLayers
{
    private const int Places = 4;
    private const string KernelsOwn = "work"; // overlay makes this directory in the work directory at each mount
    private const string Aside = "old";
    private const string UpperAside = "old-upper";
    private static readonly string[] s_files = ["/" + ContainerCatalog.LockName, $"/{ContainerDirectory.WorkName}/{Aside}/incompat/volatile/dirty"];
    private static readonly string[] s_directories =
    [
        string.Empty, "/" + ContainerDirectory.UpperName, "/" + ContainerDirectory.WorkName, $"/{ContainerDirectory.WorkName}/{Aside}",
        $"/{ContainerDirectory.WorkName}/{Aside}/incompat", $"/{ContainerDirectory.WorkName}/{Aside}/incompat/volatile", $"/{ContainerDirectory.WorkName}/{UpperAside}",
    ];

    private static readonly byte[] s_overlaysUuid = [.. "user.overlay.uuid"u8];

    /// <summary>Makes the first spare, so that a run leaves a store as it found it.</summary>
    internal static void Prepare(Fd root) => TryFill(root, PathOf(0));

    /// <summary>Makes what an untouched container would have left, in a directory that may be there.</summary>
    internal static bool TryFill(Fd root, string path)
    {
        foreach (var below in s_directories)
        {
            if (FileSystem.TryMakeDirectory(root, PathZ.From(path + below), StorePaths.DirectoryMode) is not (Errno.None or Errno.EEXIST))
            {
                return false;
            }
        }

        var flags = Tmds.Linux.LibC.O_WRONLY | Tmds.Linux.LibC.O_CREAT | Tmds.Linux.LibC.O_NOFOLLOW;
        foreach (var below in s_files)
        {
            var error = FileSystem.TryOpen(root, PathZ.From(path + below), flags, out var file, StorePaths.FileMode);
            file?.Dispose();
            if (error != Errno.None)
            {
                return false;
            }
        }

        return true;
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
        var work = $"{path}/{ContainerDirectory.WorkName}";
        if (!IsUntouched(root, $"{path}/{ContainerDirectory.UpperName}")
            || FileSystem.TryRename(root, PathZ.From($"{work}/{KernelsOwn}"), root, PathZ.From($"{work}/{Aside}")) is not (Errno.None or Errno.ENOENT)
            || FileSystem.TryRename(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"), root, PathZ.From($"{work}/{UpperAside}")) != Errno.None
            || FileSystem.TryMakeDirectory(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"), StorePaths.DirectoryMode) != Errno.None)
        {
            return false;
        }

        return TryPlace(root, path);
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

    /// <summary>Deletes what the run before has left in the work directory.</summary>
    internal static void Tidy(Fd root, string path)
    {
        TreeDeleter.TryDelete(root, $"{path}/{ContainerDirectory.WorkName}/{Aside}");
        TreeDeleter.TryDelete(root, $"{path}/{ContainerDirectory.WorkName}/{UpperAside}");
    }

    /// <summary>Whether a container can be made in what was a spare. Its upper directory is one that orca made: nobody has given it away yet.</summary>
    internal static bool IsSound(Fd root, string path) =>
        DamagedPath.IsUsable(root, path, FileKind.Directory)
        && FileSystem.TryStatus(root, PathZ.From($"{path}/{ContainerDirectory.UpperName}"), out var upper) == Errno.None
        && upper.IsDirectory && upper.Uid == CurrentUser.EffectiveUid
        && DamagedPath.IsUsable(root, $"{path}/{ContainerDirectory.WorkName}", FileKind.Directory);

    /// <summary>The spares that no container can be made in: paths below the store's root. What was set aside is no spare.</summary>
    internal static IEnumerable<string> Damaged(Fd root) => StoreDirectory.List(root, StorePaths.Spares)
        .Where(static name => !DamagedPath.IsAside(name)).Select(static name => $"{StorePaths.Spares}/{System.Text.Encoding.UTF8.GetString(name)}").Where(path => !IsSound(root, path));

    private static string PathOf(int place) => place switch
    {
        0 => StorePaths.Spares + "/0",
        1 => StorePaths.Spares + "/1",
        2 => StorePaths.Spares + "/2",
        _ => StorePaths.Spares + "/3",
    };

    private static bool IsUntouched(Fd root, string upper)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(upper), Tmds.Linux.LibC.O_RDONLY | Tmds.Linux.LibC.O_DIRECTORY | Tmds.Linux.LibC.O_NOFOLLOW, out var directory);
        using (directory)
        {
            return error == Errno.None && DirectoryReader.ReadAll(directory!).Count == 0
                && FileSystem.ListXattrs(directory!).All(static name => name.AsSpan().SequenceEqual(s_overlaysUuid));
        }
    }
}
