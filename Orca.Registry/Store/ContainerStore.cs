using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Containers as directories below a store's root.</summary>
internal sealed partial class ContainerStore(StoreRoot store, ImageStore images) : IContainerStore
{
    private readonly ContainerCatalog _catalog = new(store);
    private readonly StagingArea _staging = new(store);
    private readonly CopyUpDirectories _frames = new(store, new StagingArea(store));

    public ContainerRecord? Find(string name) =>
        ContainerNames.IsValid(name) && store.TryOpen() is { } root && ContainerCatalog.Read(root, name) is { IsKept: true } entry ? entry.Record : null;

    public IContainer CreateEphemeral(StoredImage image, ContainerRecord record)
    {
        var root = store.Open();
        if (ContainerSweeper.HasGarbage(root))
        {
            images.Sweep();
        }

        var imageLock = HoldImage(root, image);
        try
        {
            record = ContainerNames.IsRandom(record.Name) ? record : record with { Name = ContainerNames.Random() };
            while (true)
            {
                if (TryMakeBlank(record.Name) is { } directory)
                {
                    return Fill(root, directory, imageLock, image, record, isKept: false);
                }

                record = record with { Name = ContainerNames.Random() };
            }
        }
        catch
        {
            imageLock?.Dispose();
            throw;
        }
    }

    public IContainer Create(StoredImage image, ContainerRecord record)
    {
        if (!ContainerNames.IsValid(record.Name) || ContainerNames.IsRandom(record.Name))
        {
            throw new StoreException(
                $"cannot make container '{Quoted.Text(record.Name)}': {(ContainerNames.IsValid(record.Name) ? "names of this form are orca's own" : ContainerNames.Rule)}");
        }

        var root = store.Open();
        var imageLock = HoldImage(root, image);
        try
        {
            var directory = TryMakeKept(root, record.Name) ?? throw Taken(root, record.Name);
            return Fill(root, directory, imageLock, image, record, isKept: true);
        }
        catch
        {
            imageLock?.Dispose();
            throw;
        }
    }

    public IContainer Open(string name)
    {
        var root = store.Open();
        var record = Find(name) ?? throw (ContainerNames.IsValid(name) && ContainerCatalog.IsDamaged(root, name) ? Taken(root, name) : Missing("run", name));
        var image = images.Find(record.ImageDigest) ?? throw new StoreException(
            $"cannot run container '{name}': its image {record.Image.Familiar} ({record.ImageDigest.Abbreviated}) is not whole in the store", $"pull it again: orca pull {record.Image.WithDigest(record.ImageDigest).Familiar} (or load the archive that it came from)");
        var imageLock = HoldImage(root, image);
        try
        {
            var directory = TryHold(name) ?? throw new StoreException($"cannot run container '{name}': {Holder(root, name)} runs it");
            try
            {
                record = Find(name) ?? throw Missing("run", name); // removed and made anew, perhaps, before the lock was ours
                if (ContainerDirectory.DescribeLayers(root, directory.Path) is { } lost)
                {
                    throw new StoreException($"cannot run container '{name}': it {lost}", $"'orca rm {name}' deletes what is left of it");
                }

                var trees = LayerMove.Settle(store, _staging, directory);
                directory.RepairLayers(withLower: image.Store is not null, isCopy: trees.Copy is not null);
                MountPoints.Ensure(root);
                return record.ImageDigest == image.Digest
                    ? new Container(store, _staging, directory, imageLock, image, _frames.Ensure(image), record, isKept: true, trees: trees)
                    : throw new StoreException($"cannot run container '{name}': it was made anew meanwhile");
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
        catch
        {
            imageLock?.Dispose();
            throw;
        }
    }

    public void Finish(string token)
    {
        var parts = token.Split(' ');
        if (parts.Length != 3 || !ContainerNames.IsValid(parts[0]) || !TryReadDescriptor(parts[1], out var held) || !TryReadDescriptor(parts[2], out var image)
            || FileLock.Inherit(store.Open(), ContainerCatalog.LockPath(parts[0]), held) is not { } containerLock)
        {
            throw new StoreException($"cannot finish container '{Quoted.Text(token)}': that is no token of this store's");
        }

        using var imageLock = image == held ? null : new Fd(image);
        using (containerLock)
        {
            if (ContainerNames.IsRandom(parts[0]))
            {
                using var directory = ContainerDirectory.Adopt(store, parts[0], containerLock);
                directory.Retire();
            }
        }
    }

    private static bool TryReadDescriptor(string text, out int descriptor) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out descriptor) && descriptor > 2;

    public void Remove(string name, bool force)
    {
        if (!ContainerNames.IsValid(name) || store.TryOpen() is not { } root || StoreDirectory.IsAbsent(root, StorePaths.Container(name)))
        {
            throw Missing("remove", name);
        }

        if (!DamagedPath.IsUsable(root, StorePaths.Container(name), FileKind.Directory) && !DamagedPath.TryReopen(root, StorePaths.Container(name), FileKind.Directory))
        {
            RemoveForeign(root, name);
            return;
        }

        var hasLayers = StoreDirectory.Exists(root, LayerState.PathOf(name));
        using var staged = _staging.Reserve();
        using (var directory = TryHold(name) ?? (force ? ContainerKiller.Kill(store, name) : throw new StoreException(
            $"cannot remove container '{name}': {Holder(root, name)} runs it", $"to end it and delete it with its changes: orca rm -f {name}")))
        {
            FileSystem.Rename(root, PathZ.From(StorePaths.Container(name)), root, PathZ.From(staged.Path));
            StoreDirectory.Sync(root, StorePaths.Containers);
            long freed = 0;
            if (staged.TryDelete(ref freed) is { } failure)
            {
                images.SayLeft(failure); // the container is gone; only the space is not free
            }

            if (hasLayers)
            {
                LayerCollector.Collect(store, _staging, ref freed);
            }
        }

        images.Sweep();
    }

    /// <summary>Removes what is no directory of this user: no process holds it.</summary>
    private void RemoveForeign(Fd root, string name)
    {
        var path = StorePaths.Container(name);
        var problem = DamagedPath.Describe(root, path, FileKind.Directory);
        if (store.TryDelete(path) is not null)
        {
            throw new StoreException($"cannot remove container '{name}': '{path}' {problem ?? "cannot be deleted"}", ShellWords.Join("sudo", "rm", "-rf", $"{store.Path}/{path}") is { } line ? $"root can delete it: {line}" : null);
        }

        StoreDirectory.Sync(root, StorePaths.Containers);
        images.Sweep();
    }

    /// <summary>The directory of a new kept container; null when there is one of that name, be it damaged.</summary>
    private ContainerDirectory? TryMakeKept(Fd root, string name)
    {
        try
        {
            return ContainerCatalog.IsDamaged(root, name) ? null : TryMakeBlank(name);
        }
        catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno) && ContainerCatalog.IsDamaged(root, name))
        {
            return null;
        }
    }

    /// <summary>Holds the image, and makes sure that nobody removed it before it was held.</summary>
    /// <remarks>An image of a store behind this one is not locked there: nothing is written to it. What is made for it here is.</remarks>
    private FileLock? HoldImage(Fd root, StoredImage image)
    {
        if (image.Store is not null)
        {
            if (!CopyUpDirectories.IsNeeded(root, image))
            {
                return null;
            }

            store.EnsureDirectories();
        }

        while (true)
        {
            var held = FileLock.TryAcquire(root, StorePaths.ImageLock(image.Digest), exclusive: false);
            if (ImageTree.TryStatus(root, image) is null)
            {
                held?.Dispose();
                throw Gone(image);
            }

            if (held is not null)
            {
                return held;
            }

            Thread.Sleep(2); // somebody asks whether the image is in use, or has begun to remove it
        }
    }

    /// <summary>An empty directory of this name, held; null when a container has the name.</summary>
    private ContainerDirectory? TryMakeBlank(string name)
    {
        ContainerDirectory? directory;
        try
        {
            directory = ContainerDirectory.TryMake(store, name);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT || DamagedPath.IsAbout(e.Errno))
        {
            store.EnsureDirectories();
            directory = ContainerDirectory.TryMake(store, name);
        }

        if (directory is { HasRecord: true })
        {
            directory.Dispose();
            return null;
        }

        return directory;
    }

    private Container Fill(Fd root, ContainerDirectory directory, FileLock? imageLock, StoredImage image, ContainerRecord record, bool isKept)
    {
        try
        {
            if (isKept)
            {
                directory.Empty(); // a creation that was killed before it wrote its record
            }

            MountPoints.Ensure(root);
            var tree = ImageTree.TryStatus(root, image) ?? throw Gone(image);
            directory.MakeLayers(tree.Permissions, withLower: image.Store is not null);
            if (isKept)
            {
                directory.WriteRecord(ContainerRecordWriter.Write(record, isKept)); // of one that goes with its run, while it starts: see Container.Launched
            }

            return new Container(store, _staging, directory, imageLock, image, _frames.Ensure(image), record, isKept, tree.Permissions);
        }
        catch
        {
            directory.Delete();
            directory.Dispose();
            throw;
        }
    }

    private ContainerDirectory? TryHold(string name)
    {
        try
        {
            return ContainerDirectory.TryHold(store, name);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            throw Missing("open", name);
        }
    }

    /// <summary>The error for an image without its tree: another process removes it, or the store has lost a part of it.</summary>
    private StoreException Gone(StoredImage image) => images.Find(image.Digest) is null
        ? new($"cannot use image {image.Digest.Abbreviated}: it was removed meanwhile", "run the command again")
        : new($"cannot use image {image.Digest.Abbreviated}: its files are missing in the store", "'orca system check' says what is damaged, and what repairs it");

    private static string Holder(Fd root, string name) => ContainerCatalog.HolderOf(root, name) is { } id ? $"process {id}" : "another process";

    private static StoreException Taken(Fd root, string name) => ContainerCatalog.Read(root, name) is null
        ? new($"cannot run container '{name}': {DamagedPath.Describe(root, StorePaths.Container(name), FileKind.Directory) ?? "its record is damaged"}", $"its changes lie in '{StorePaths.Container(name)}/upper' of the store; 'orca rm {name}' deletes them")
        : new($"cannot make container '{name}': there is one of that name", $"enter it with 'orca run --name {name}', or choose another name");

    internal static StoreException Missing(string verb, string name) =>
        new($"cannot {verb} container '{Quoted.Text(name)}': there is none of that name", "'orca ps -a' lists what is there");
}
