using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>Takes names away, and trees with their last name.</summary>
/// <remarks>
/// A tree that is to go is marked <c>doomed</c> before its name goes: a crash between the two, or a container that still holds it, then leaves
/// something that a later sweep takes for what it is. The mark counts only while the image has no name.
/// </remarks>
internal sealed class ImageRemover(StoreRoot store, ReferenceCatalog names, StagingArea staging, Action<string>? notice = null)
{
    private const string Mark = "doomed";

    private readonly ContainerCatalog _containers = new(store);

    /// <summary>See <see cref="Core.Images.IImageStore.Remove"/>.</summary>
    internal IReadOnlyList<Digest> Remove(ImageReference reference, Digest digest, bool force)
    {
        var root = store.Open();
        if (!StoreDirectory.Exists(root, StorePaths.Image(digest)))
        {
            names.Delete(reference); // of an image in a store behind this one, or of none
            return [];
        }

        StoreFormat.RestoreNames(root);
        if (ReferenceCatalog.ProblemOfDirectory(root) is { } unknown)
        {
            throw new StoreException(
                $"cannot remove image '{reference.Familiar}': it may have other names, and directory '{StorePaths.References}' of the store {unknown}",
                "'orca system check' says what is damaged, and what repairs it");
        }

        var others = names.NamesOf(digest);
        var isName = others.Remove(reference);
        if (others.Count > 0)
        {
            if (!isName)
            {
                throw new StoreException(
                    $"cannot remove image '{reference.Familiar}': it has other names", $"take them away: orca rmi {string.Join(' ', others.Select(static name => name.Familiar))}");
            }

            names.Delete(reference);
            return [];
        }

        using var held = FileLock.AcquireSoon(root, StorePaths.ImageLock(digest), exclusive: true);
        if (isName ? names.Find(reference) != digest : !StoreDirectory.Exists(root, StorePaths.Image(digest)))
        {
            return force ? [] : throw Missing(reference); // another process was quicker
        }

        if (!force)
        {
            RequireUnused(reference, digest, held is not null);
        }

        var isUsed = held is null || _containers.All().Any(container => container.Record.ImageDigest == digest && container.Counts);
        if (names.NamesOf(digest).Exists(name => name != reference))
        {
            names.Delete(reference); // another process named it meanwhile
            return [];
        }

        Doom(root, digest);
        names.Delete(reference);
        if (isUsed)
        {
            return [];
        }

        long freed = 0;
        if (DeleteTree(root, digest, ref freed) is { } failure)
        {
            SayLeft(failure); // the image is gone; only the space is not free
        }

        return [digest];
    }

    /// <summary>Deletes images that were removed while containers held them, and those of removals that a crash cut short.</summary>
    internal void SweepDoomed()
    {
        if (store.TryOpen() is not { } root)
        {
            return;
        }

        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            if (!StorePaths.TryReadName(name, out var digest) || !StoreDirectory.Exists(root, $"{StorePaths.Image(digest)}/{Mark}"))
            {
                continue;
            }

            try
            {
                long freed = 0;
                if (TryRemoveUnused(digest, ref freed, out var failure) && failure is { } first)
                {
                    SayLeft(first);
                }
            }
            catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno))
            {
                // It stays until it can be removed: a check names it.
            }
        }
    }

    /// <summary>Says what of something removed is left on the disk.</summary>
    internal void SayLeft((string Name, Errno Error) failure)
    {
        var left = StagedName.Failure(failure, StorePaths.Staging);
        notice?.Invoke($"{left.Message}; {left.Hint}");
    }

    /// <summary>Deletes an image that has no name, that no container is made of, and that nobody holds; adds up what became free.</summary>
    /// <returns>False when it stays. It does, too, while names or records of containers cannot be read: they may be of this image.</returns>
    internal bool TryRemoveUnused(Digest digest, ref long freed, out (string Name, Errno Error)? failure)
    {
        var root = store.Open();
        failure = null;
        using var held = FileLock.TryAcquire(root, StorePaths.ImageLock(digest), exclusive: true);
        if (held is null || names.NamesOf(digest).Count > 0 || names.Damaged().Any() || _containers.HasUnknown()
            || _containers.All().Any(container => container.Record.ImageDigest == digest && container.Counts))
        {
            return false;
        }

        failure = DeleteTree(root, digest, ref freed);
        return true;
    }

    /// <summary>Takes the mark away: the image has a name again. The caller holds the image's lock.</summary>
    internal static void Spare(Fd root, Digest digest) => FileSystem.TryUnlink(root, PathZ.From($"{StorePaths.Image(digest)}/{Mark}"));

    internal static StoreException Missing(ImageReference reference) =>
        new($"cannot remove image '{reference.Familiar}': it is not in the store", "'orca images' lists what is there");

    private void RequireUnused(ImageReference reference, Digest digest, bool isFree)
    {
        var user = _containers.All().FirstOrDefault(container => container.Record.ImageDigest == digest && container.Counts);
        if (user is { IsKept: true })
        {
            throw new StoreException(
                $"cannot remove image '{reference.Familiar}': container '{user.Record.Name}' is made of it",
                $"to take the name away now, and delete the image when its last container is removed: orca rmi -f {reference.Familiar}");
        }

        if (user is not null || !isFree)
        {
            throw new StoreException(
                $"cannot remove image '{reference.Familiar}': it is in use by {(user is null ? "another process" : $"container '{user.Record.Name}'")}",
                $"wait until it has ended; or take the name away at once, and the image when it is free: orca rmi -f {reference.Familiar}");
        }
    }

    /// <summary>The caller holds the image's lock exclusively. Gone with one rename; then the slow part.</summary>
    private (string Name, Errno Error)? DeleteTree(Fd root, Digest digest, ref long freed)
    {
        using var staged = staging.Reserve();
        var path = StorePaths.Image(digest);
        var error = FileSystem.TryRename(root, PathZ.From(path), root, PathZ.From(staged.Path));
        if (DamagedPath.IsAbout(error))
        {
            // The directory is closed, and can be opened; or it is another user's, and can at least be put aside.
            error = DamagedPath.TryReopen(root, path, FileKind.Directory) ? FileSystem.TryRename(root, PathZ.From(path), root, PathZ.From(staged.Path))
                : DamagedPath.Clear(root, path) ? Errno.None : error;
        }

        if (error is not (Errno.None or Errno.ENOENT))
        {
            throw new LinuxException("remove", StorePaths.Image(digest), error);
        }

        StoreDirectory.Sync(root, StorePaths.Images);
        FileSystem.TryUnlink(root, PathZ.From(StorePaths.ImageLock(digest)));
        return staged.TryDelete(ref freed);
    }

    private static void Doom(Fd root, Digest digest)
    {
        var error = FileSystem.TryOpen(root, PathZ.From(StorePaths.Image(digest)), Tmds.Linux.LibC.O_RDONLY | Tmds.Linux.LibC.O_DIRECTORY, out var directory);
        using (directory)
        {
            if (error == Errno.None)
            {
                StoreDirectory.Write(directory!, Mark, []);
                FileSystem.Sync(directory!);
            }
        }
    }
}
