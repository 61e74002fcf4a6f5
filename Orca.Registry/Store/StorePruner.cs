using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>One sweep through a store: deletes what nothing refers to and nobody holds.</summary>
internal sealed class StorePruner(StoreRoot store, ImageRemover remover, LayerCatalog layers, AdditionalStores behind)
{
    private readonly List<Digest> _images = [];
    private readonly List<string> _containers = [];
    private readonly List<string> _failures = [];
    private long _freed;
    private int _parts;
    private int _leftovers;
    private int _locks;

    /// <summary>See <see cref="IStoreUpkeep.Prune"/>.</summary>
    internal PruneReport Run(PruneOptions options)
    {
        if (store.TryOpen() is not { } root)
        {
            return new PruneReport();
        }

        StoreFormat.RestoreNames(root);
        PruneStaging(root);
        PruneContainers(root); // before the images: a dead run holds no image any more
        _leftovers += LayerCollector.Collect(store, new StagingArea(store), ref _freed, Note);
        PruneImages(root);
        PruneFrames(root);
        PruneSpares(root);
        PruneParts(root, options.Unfinished);
        PruneLocks(root);
        _leftovers += DurableFile.Sweep(root, ".") + DurableFile.Sweep(root, StorePaths.References);
        return new PruneReport
        {
            Images = _images,
            Containers = _containers,
            Parts = _parts,
            Leftovers = _leftovers,
            Locks = _locks,
            Bytes = _freed,
            Failures = _failures,
        };
    }

    private void PruneStaging(Fd root)
    {
        foreach (var path in StagingArea.Paths(root))
        {
            Try(path, () =>
            {
                using var held = FileLock.TryAcquire(root, path + StagingArea.LockSuffix, exclusive: true);
                if (held is not null)
                {
                    Note(StagedName.Clear(store, path, ref _freed), path);
                    _leftovers++;
                }
            });
        }
    }

    private void PruneContainers(Fd root)
    {
        foreach (var bytes in StoreDirectory.List(root, StorePaths.Containers))
        {
            var name = Encoding.UTF8.GetString(bytes);
            if (ContainerNames.IsValid(name))
            {
                Try(StorePaths.Container(name), () => PruneContainer(root, name));
            }
        }
    }

    /// <summary>A kept container has a record, be it damaged; one of a run counts only while it is held.</summary>
    private void PruneContainer(Fd root, string name)
    {
        bool IsGarbage() => ContainerNames.IsRandom(name) ? ContainerCatalog.Read(root, name) is not { IsKept: true }
            : ContainerCatalog.Read(root, name) is null && !ContainerCatalog.IsDamaged(root, name);

        if (IsGarbage() && !DamagedPath.IsUsable(root, StorePaths.Container(name), FileKind.Directory)
            && !DamagedPath.TryReopen(root, StorePaths.Container(name), FileKind.Directory))
        {
            Note(store.TryDelete(StorePaths.Container(name), ref _freed), StorePaths.Container(name)); // nothing that a process could hold
            _containers.Add(name);
            return;
        }

        if (!IsGarbage() || FileLock.TryAcquire(root, ContainerCatalog.LockPath(name), exclusive: true) is not { } free)
        {
            return;
        }

        using (free)
        {
            if (IsGarbage()) // still, now that nobody else can change it
            {
                Note(ContainerDirectory.Delete(store, name, ref _freed), StorePaths.Container(name));
                _containers.Add(name);
            }
        }
    }

    private void PruneImages(Fd root)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            if (StorePaths.TryReadName(name, out var digest))
            {
                Try(StorePaths.Image(digest), () =>
                {
                    if (remover.TryRemoveUnused(digest, ref _freed, out var failure))
                    {
                        _images.Add(digest);
                        Note(failure, StorePaths.Image(digest));
                    }
                });
            }
        }
    }

    /// <summary>What was made for an image of another store goes when that image is gone.</summary>
    private void PruneFrames(Fd root)
    {
        foreach (var name in StoreDirectory.List(root, CopyUpDirectories.Directory))
        {
            if (StorePaths.TryReadName(name, out var digest) && behind.Find(digest) is null)
            {
                Try(CopyUpDirectories.Path(digest), () =>
                {
                    using var free = FileLock.TryAcquire(root, StorePaths.ImageLock(digest), exclusive: true);
                    if (free is not null)
                    {
                        Note(TreeDeleter.TryDelete(root, CopyUpDirectories.Path(digest), ref _freed), CopyUpDirectories.Path(digest));
                        _leftovers++;
                    }
                });
            }
        }
    }

    /// <summary>A spare that no container can be made in is in the way of others.</summary>
    private void PruneSpares(Fd root)
    {
        foreach (var path in WritableLayerPool.Damaged(root))
        {
            if (store.TryDelete(path, ref _freed) is { } failure && !DamagedPath.TrySetAside(root, path))
            {
                Note(failure, path);
            }

            _leftovers++;
        }
    }

    private void PruneParts(Fd root, bool unfinished)
    {
        var published = layers.Published();
        foreach (var name in StoreDirectory.List(root, StorePaths.Parts))
        {
            if (StorePaths.TryReadName(name, out var digest))
            {
                Try(StorePaths.Part(digest), () => PrunePart(root, StorePaths.Part(digest), unfinished || published.Contains(digest)));
            }
        }
    }

    private void PrunePart(Fd root, string path, bool isOver)
    {
        if (ClearDamaged(root, path, ref _parts) || FileLock.TryAcquireExisting(root, path) is not { } free)
        {
            return;
        }

        using (free)
        {
            var status = FileSystem.Status(free.File);
            if ((isOver || status.Size == 0) && FileSystem.TryUnlink(root, PathZ.From(path)) == Errno.None)
            {
                _parts++;
                _freed += status.Allocated;
            }
        }
    }

    private void PruneLocks(Fd root)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.Locks))
        {
            if (StorePaths.TryReadName(name, out var digest) && !ClearDamaged(root, StorePaths.ImageLock(digest), ref _locks) && !StoreDirectory.Exists(root, StorePaths.Image(digest)))
            {
                Try(StorePaths.ImageLock(digest), () => PruneLock(root, digest));
            }
        }
    }

    private void PruneLock(Fd root, Digest digest)
    {
        using var free = FileLock.TryAcquireExisting(root, StorePaths.ImageLock(digest));
        if (free is not null && !StoreDirectory.Exists(root, StorePaths.Image(digest)) && FileSystem.TryUnlink(root, PathZ.From(StorePaths.ImageLock(digest))) == Errno.None)
        {
            _locks++;
        }
    }

    /// <summary>Deletes what is in the place of a file that is its own lock, and is none of this user: no process holds it.</summary>
    private bool ClearDamaged(Fd root, string path, ref int count)
    {
        if (DamagedPath.Describe(root, path, FileKind.Regular) is null || DamagedPath.TryReopen(root, path, FileKind.Regular))
        {
            return false;
        }

        if (store.TryDelete(path, ref _freed) is { } failure && !DamagedPath.TrySetAside(root, path))
        {
            Note(failure, path);
        }

        count++;
        return true;
    }

    /// <summary>What fails is told at the end; the rest goes.</summary>
    private void Try(string path, Action step)
    {
        try
        {
            step();
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT && !StoreDirectory.Exists(store.Open(), path))
        {
            // A run that ended, or somebody else's sweep, was quicker.
        }
        catch (OrcaException e)
        {
            _failures.Add($"{path}: {e.Message}");
        }
    }

    private void Note((string Name, Errno Error)? failure, string path)
    {
        if (failure is { } first)
        {
            var root = first.Error is Errno.EACCES or Errno.EPERM && ShellWords.Join("sudo", "rm", "-rf", $"{store.Path}/{path}") is { } line ? $"; root can: {line}" : string.Empty;
            _failures.Add($"{path}: cannot delete '{first.Name}': {first.Error.Describe()}{root}");
        }
    }
}
