using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Tries the place of the store: its file system, locks, extended attributes, programs, and space. Makes no store where there is none.</summary>
internal sealed class StoreProbe(Func<StoreRoot> locate) : IHostProbe
{
    private const long LittleSpace = 2_000_000_000;
    private const long LittleInodes = 50_000;
    private const string Elsewhere = "place the store on a local disk with --root or ORCA_ROOT";

    /// <inheritdoc/>
    public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken)
    {
        var (place, refusal) = OpenPlace();
        if (refusal is not null)
        {
            yield return new HostFinding("store", HostVerdict.Fails, refusal.Message) { Cure = refusal.Hint };
            yield break;
        }

        using (place!.Value.Directory)
        {
            var directory = place.Value.Directory;
            var state = FileSystem.StateOf(directory);
            yield return Place(place.Value.Shown, state, TryFile(directory));
            yield return Space(state);
            if (Card(FileSystem.Status(directory).Device) is { } card)
            {
                yield return card;
            }
        }
    }

    /// <summary>The store's directory, or the nearest one above the place where it would be made.</summary>
    private ((Fd Directory, string Shown)? Place, OrcaException? Refusal) OpenPlace()
    {
        try
        {
            var store = locate();
            _ = store.TryOpen(); // says what is wrong with one that is there
            for (var path = store.Path; ; path = path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/")
            {
                var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), O_RDONLY | O_DIRECTORY, out var directory);
                if (error != Errno.ENOENT || path == "/")
                {
                    return error == Errno.None ? ((directory!, Quoted.Text(store.Path)), null) : (null, new LinuxException("open", Quoted.Text(path), error));
                }
            }
        }
        catch (OrcaException failure)
        {
            return (null, failure);
        }
    }

    private static HostFinding Place(string shown, FileSystemState state, (Errno Write, Errno Lock, Errno Xattr) tried)
    {
        const string subject = "store";
        var name = FileSystemNames.Of(state.Type);
        if (tried.Write != Errno.None)
        {
            return new HostFinding(subject, HostVerdict.Fails, $"'{shown}' on {name} cannot be written: {tried.Write.Describe()}") { Cure = "place the store elsewhere with --root or ORCA_ROOT" };
        }

        if (tried.Lock != Errno.None)
        {
            return new HostFinding(subject, HostVerdict.Fails, $"'{shown}' on {name} has no locks: {tried.Lock.Describe()}") { Cure = Elsewhere };
        }

        if (state.IsNoExec)
        {
            return new HostFinding(subject, HostVerdict.Fallback, $"'{shown}' lies on a file system mounted noexec: containers run only where overlay mounts work") { Cure = Elsewhere };
        }

        return tried.Xattr == Errno.None && state.Type is not (FileSystemNames.Nfs or FileSystemNames.Overlay)
            ? new HostFinding(subject, HostVerdict.Works, $"'{shown}' on {name}")
            : new HostFinding(
                subject, HostVerdict.Fallback,
                $"'{shown}' on {name} {(tried.Xattr == Errno.None ? "takes no overlay" : $"keeps no extended attributes ({tried.Xattr.Describe()})")}: each container runs on a copy of its image")
            {
                Cure = Elsewhere,
            };
    }

    private static HostFinding Space(FileSystemState state)
    {
        var free = string.Create(CultureInfo.InvariantCulture, $"{state.FreeBytes / 1_000_000} MB and {state.FreeInodes} files free");
        var isShort = (state.FreeBytes < LittleSpace && state.TotalBytes > 0) || (state.FreeInodes < LittleInodes && state.TotalInodes > 0);
        return new HostFinding("space", isShort ? HostVerdict.Fallback : HostVerdict.Works, isShort ? free + ": too little for a large image" : free)
        {
            Cure = isShort ? "free some space or files ('df -h' and 'df -i' show how many there are, 'orca prune' deletes what nothing refers to), or place the store elsewhere with --root or ORCA_ROOT" : null,
        };
    }

    /// <summary>Every write wears a memory card: says how to write less.</summary>
    private static HostFinding? Card(ulong device) => FileSystem.TryReadLink(PathZ.From(string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{device >> 32}:{(uint)device}")), out var link) == Errno.None
        ? Card(NativeText.Decode(link)) : null;

    internal static HostFinding? Card(string link) => link[(link.LastIndexOf('/') + 1)..] is var name && name.StartsWith("mmcblk", StringComparison.Ordinal)
        ? new HostFinding("memory card", HostVerdict.Works, $"the store lies on {name}, which every write wears")
        {
            Cure = "'orca pull --no-resume' writes no compressed layers to it, 'orca run --tmpfs-upper' no changes of a container",
        }
        : null;

    /// <summary>Makes a file without a name, locks it, and gives it an attribute; it goes with its descriptor.</summary>
    private static (Errno Write, Errno Lock, Errno Xattr) TryFile(Fd directory)
    {
        var error = UnlinkedFile.TryOpen(directory, O_RDWR, StorePaths.FileMode, out var file);
        if (error is Errno.EOPNOTSUPP or Errno.EISDIR)
        {
            var name = PathZ.From($".doctor-{Guid.NewGuid():N}");
            error = FileSystem.TryOpen(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, out file, StorePaths.FileMode);
            _ = FileSystem.TryUnlink(directory, name);
        }

        using (file)
        {
            return error != Errno.None ? (error, default, default) : (
                error,
                FileSystem.TryLock(file!, exclusive: true, wait: false),
                FileSystem.TrySetXattr(file!, PathZ.OfTerminated("user.orca\0"u8), "x"u8));
        }
    }
}
