using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>The store's root directory, checked and opened when it is first needed.</summary>
/// <remarks>Opening is what a warm start pays for: one open, one stat, and the format file.</remarks>
internal sealed class StoreRoot(StoreLocation location, bool isReadOnly = false, ISubIdTreeRemover? remover = null) : IDisposable
{
    private readonly Lock _gate = new();
    private Fd? _root;

    /// <summary>Absolute path of the root.</summary>
    internal string Path => location.Path;

    /// <summary>True for a store that stands behind the own one: it may be another user's, and nothing in it is ever changed.</summary>
    internal bool IsReadOnly => isReadOnly;

    /// <summary>True when its owner lets others read it: see <see cref="StoreSharing"/>.</summary>
    internal bool IsShared => StoreDirectory.Exists(Open(), StoreSharing.Mark);

    /// <summary>The root; null when there is no store yet.</summary>
    /// <exception cref="StoreException">It is another user's, no orca store, or a newer orca's.</exception>
    internal Fd? TryOpen()
    {
        lock (_gate)
        {
            if (_root is not null)
            {
                return _root;
            }

            var root = OpenDirectory();
            try
            {
                if (root is not null && StoreFormat.Check(root, Path, isReadOnly))
                {
                    _root = root;
                    root = null;
                }

                return _root;
            }
            finally
            {
                root?.Dispose();
            }
        }
    }

    /// <summary>The root; made when it is not there.</summary>
    /// <exception cref="StoreException">As <see cref="TryOpen"/>; or it cannot be made.</exception>
    internal Fd Open()
    {
        if (TryOpen() is { } existing)
        {
            return existing;
        }

        if (isReadOnly)
        {
            throw new StoreException($"cannot open store '{Shown}': it is not there");
        }

        lock (_gate)
        {
            MakeDirectories(Path);
            using (var root = OpenDirectory() ?? throw new StoreException($"cannot open store '{Shown}': it was deleted meanwhile"))
            {
                StoreFormat.Write(root, Path);
            }
        }

        return TryOpen() ?? throw new StoreException($"cannot open store '{Shown}': it was deleted meanwhile");
    }

    /// <summary>
    /// Deletes a tree as <see cref="TreeDeleter"/> does. Where that may not, because a container with sub-ids has left it, by who has these: then it is for
    /// the same user in another user namespace.
    /// </summary>
    internal (string Name, Errno Error)? TryDelete(string path)
    {
        var (failure, freed) = (TreeDeleter.TryDelete(Open(), path), 0L);
        return MayNot(failure) && TryRemove(path, ref freed) ? TreeDeleter.TryDelete(Open(), path) : failure;
    }

    /// <summary>As <see cref="TryDelete(string)"/>, and adds up what became free, which takes a look at everything.</summary>
    internal (string Name, Errno Error)? TryDelete(string path, ref long freed)
    {
        var failure = TreeDeleter.TryDelete(Open(), path, ref freed);
        return MayNot(failure) && TryRemove(path, ref freed) ? TreeDeleter.TryDelete(Open(), path, ref freed) : failure;
    }

    private static bool MayNot((string Name, Errno Error)? failure) => failure is { Error: Errno.EACCES or Errno.EPERM };

    private bool TryRemove(string path, ref long freed)
    {
        try
        {
            freed += remover?.Remove(Path, path) ?? 0;
            return remover is not null;
        }
        catch (Exception e) when (e is SandboxException or LinuxException)
        {
            return false; // the first failure says what is left
        }
    }

    /// <summary>Makes the store's directories where they are missing.</summary>
    internal void EnsureDirectories() => StoreFormat.MakeDirectories(Open());

    public void Dispose() => _root?.Dispose();

    private string Shown => Quoted.Name(NativeText.Encode(Path));

    private Fd? OpenDirectory()
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(Path)), O_RDONLY | O_DIRECTORY, out var root);
        switch (error)
        {
            case Errno.ENOENT when isReadOnly:
                throw new StoreException($"cannot open store '{Shown}': {error.Describe()}", "correct the path in ORCA_STORES, or leave it out");
            case Errno.ENOENT:
                return null;
            case Errno.None:
                break;
            case Errno.EMFILE or Errno.ENFILE:
                throw new LinuxException("open", Shown, error);
            default:
                throw new StoreException(
                    $"cannot open store '{Shown}': {error.Describe()}",
                    isReadOnly ? "its owner opens it to others with 'orca system share'; or leave it out of ORCA_STORES" : "place the store elsewhere with --root or ORCA_ROOT");
        }

        try
        {
            if (isReadOnly)
            {
                RequireTrusty(root!);
            }
            else
            {
                RequireOwn(root!);
            }

            return root;
        }
        catch
        {
            root!.Dispose();
            throw;
        }
    }

    /// <summary>The root must be this user's and nobody else's to enter; what is merely too open is closed.</summary>
    private void RequireOwn(Fd root)
    {
        var status = FileSystem.Status(root);
        if (status.Uid != CurrentUser.EffectiveUid)
        {
            throw new StoreException(
                $"cannot use store '{Shown}': it belongs to user {status.Uid}, not to user {CurrentUser.EffectiveUid}",
                "run orca as that user, without sudo, or place the store elsewhere with --root or ORCA_ROOT");
        }

        const uint others = 0b111_111, othersMayWrite = 0b010_010; // 077, 022
        if ((status.Permissions & others) == 0)
        {
            return;
        }

        if ((status.Permissions & othersMayWrite) == 0 && StoreDirectory.Exists(root, StoreSharing.Mark))
        {
            return; // opened on purpose
        }

        if ((status.Permissions & othersMayWrite) != 0)
        {
            StoreFormat.RequireOwnEntries(root, Shown);
        }

        var error = FileSystem.TrySetMode(root, PathZ.OfTerminated(".\0"u8), StorePaths.DirectoryMode);
        if (error is not (Errno.None or Errno.EROFS) || (error == Errno.None && (FileSystem.Status(root).Permissions & others) != 0))
        {
            throw new StoreException(
                $"cannot close store '{Shown}' to other users: {(error == Errno.None ? "its file system keeps no permissions" : error.Describe())}",
                "place the store on a local disk with --root or ORCA_ROOT");
        }
    }

    /// <summary>What runs from a store is what its writers want: that may be an administrator or a group, but not everybody.</summary>
    private void RequireTrusty(Fd root)
    {
        const uint everybodyMayWrite = 0x2;
        if ((FileSystem.Status(root).Permissions & everybodyMayWrite) != 0)
        {
            throw new StoreException(
                $"cannot use store '{Shown}': everybody may write to it, so anybody could have put anything there", "leave it out of ORCA_STORES, or let its owner close it with 'chmod o-w'");
        }
    }

    private void MakeDirectories(string path)
    {
        var error = FileSystem.TryMakeDirectory(null, PathZ.From(NativeText.Encode(path)), StorePaths.DirectoryMode);
        if (error == Errno.ENOENT && path.LastIndexOf('/') is > 0 and var slash)
        {
            MakeDirectories(path[..slash]);
            error = FileSystem.TryMakeDirectory(null, PathZ.From(NativeText.Encode(path)), StorePaths.DirectoryMode);
        }

        if (error is not (Errno.None or Errno.EEXIST))
        {
            throw new StoreException($"cannot make store '{Shown}': {error.Describe()}", "place the store elsewhere with --root or ORCA_ROOT");
        }
    }
}
