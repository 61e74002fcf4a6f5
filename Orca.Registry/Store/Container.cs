using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>A container opened for one run: its directory and its image's lock are held until it is disposed.</summary>
internal sealed class Container(
    StoreRoot store, StagingArea staging, ContainerDirectory directory, FileLock? imageLock, StoredImage image, string? frame, ContainerRecord record, bool isKept,
    uint permissions = 0, ContainerTrees? trees = null) : IContainer
{
    private bool _isDisposed;
    private MergedTree? _tree; // as it stands before the start, when alone files are read

    public ContainerRecord Record => record;

    public StoredImage Image => image;

    public RootFileSystem Root { get; private set; } = Describe(store, directory, image, frame, isKept, trees) with
    {
        Memory = !isKept && record.Options.Files.ChangesInMemory is { } size ? new MemoryLayer(size, permissions) : null,
    };

    public byte[]? ReadFile(string path, int limit) => Tree().ReadFile(path, limit);

    public byte[]? ReadStart(string path, int count) => Tree().ReadStart(path, count);

    public RootEntry Find(string path) => Tree().Find(path);

    public void Launched()
    {
        CloseTree();
        if (!isKept)
        {
            directory.TryWriteRecord(ContainerRecordWriter.Write(record, isKept));
            ContainerSweeper.SweepRunsAside(store);
        }
    }

    public void Started(int process, RunOptions options)
    {
        ContainerInstances.TryWrite(store.Open(), isKept ? record with { Options = options } : record, isKept, process);
        if (!isKept)
        {
            directory.Tidy();
        }
    }

    public void Remember(RunOptions options)
    {
        record = record with { Options = options };
        directory.WriteRecord(ContainerRecordWriter.Write(record, isKept));
    }

    public RunJournal? OpenJournal(bool withLog) => isKept ? ContainerStatus.Open(store.Open(), record.Name, withLog) : null;

    public string HandOver()
    {
        var held = directory.HandOver();
        Kernel.SetCloseOnExec(imageLock?.File.Number ?? -1, false);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{record.Name} {held} {imageLock?.File.Number ?? held}");
    }

    public RootFileSystem MaterializeCopy()
    {
        if (Root.Copy is not null)
        {
            return Root;
        }

        CloseTree();
        var root = store.Open();
        var home = trees?.Home ?? directory.Path;
        using (var staged = staging.Reserve())
        {
            using (var target = staged.MakeDirectory())
            using (var lower = ImageTree.Open(root, Root.LowerStore, Root.Lower!, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
            {
                TreeCopier.Copy(lower, target);
                LayerCopy.MergeInto(root, target, new ContainerTrees(directory.Path, Root.Upper!, null, Root.Layers));
                if (isKept)
                {
                    FileSystem.SyncFileSystem(target);
                }
            }

            var path = $"{home}/{ContainerDirectory.CopyName}";
            var error = FileSystem.TryRename(root, PathZ.From(staged.Path), root, PathZ.From(path));
            if (error != Errno.None)
            {
                throw new StoreException($"cannot store the copy of container '{record.Name}': {error.Describe()}");
            }
        }

        // From here on the copy counts: a crash before the old layers are gone leaves them to the container's end.
        TreeDeleter.TryDelete(root, Root.Upper!);
        TreeDeleter.TryDelete(root, Root.Work!);
        return Root = Describe(store, directory, image, frame, isKept, new ContainerTrees(home, string.Empty, $"{home}/{ContainerDirectory.CopyName}", []));
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        CloseTree();
        using (imageLock)
        using (directory)
        {
            if (!isKept)
            {
                directory.Retire(); // what resists is swept by a later start
            }
            else
            {
                ContainerInstances.Forget(store.Open(), record.Name); // a host of many containers may hold this one again
            }
        }
    }

    private MergedTree Tree() => _tree ??= MergedTree.Open(store.Open(), Root);

    private void CloseTree()
    {
        _tree?.Dispose();
        _tree = null;
    }

    private static RootFileSystem Describe(StoreRoot store, ContainerDirectory directory, StoredImage image, string? frame, bool isKept, ContainerTrees? trees) => trees is { Copy: { } copy }
        ? new RootFileSystem { Store = store.Path, Directory = directory.Path, OwnersDirectory = trees.Home, Copy = copy, Volatile = !isKept }
        : new RootFileSystem
        {
            Store = store.Path,
            Directory = directory.Path,
            OwnersDirectory = trees?.Home,
            Layers = trees?.Lowers ?? [],
            Lower = image.Rootfs,
            LowerStore = image.Store,
            Frame = frame,
            MountPoints = MountPoints.Path,
            Upper = trees?.Upper ?? $"{directory.Path}/{ContainerDirectory.UpperName}",
            Work = $"{directory.Path}/{ContainerDirectory.WorkName}",
            Volatile = !isKept,
        };
}
