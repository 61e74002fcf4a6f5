using System.Text;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Volumes as directories of the store: <c>volumes/NAME/data</c>, in which nothing is orca's own.</summary>
/// <remarks>One is built in the staging area and renamed into place, so that a volume with a name is whole. Its container may put anything into it: nothing in it is followed.</remarks>
internal sealed class VolumeStore(StoreRoot store, IContainerStore containers) : IVolumeStore
{
    internal const string Directory = "volumes";
    private const string Data = "data";
    private readonly StagingArea _staging = new(store);

    public Volume? Find(string name) =>
        ContainerNames.IsValid(name) && store.TryOpen() is { } root && FileSystem.TryStatus(root, PathZ.From($"{Directory}/{name}/{Data}"), out var status) == Errno.None && status.IsDirectory
            ? Describe(root, name) : null;

    public IReadOnlyList<Volume> List() => store.TryOpen() is not { } root ? []
        : [.. Names(root).Order(StringComparer.Ordinal).Select(Find).OfType<Volume>()];

    public Volume Ensure(string name, StoredImage? image = null, string inside = "/")
    {
        if (!ContainerNames.IsValid(name))
        {
            throw new StoreException($"cannot make volume '{Quoted.Text(name)}': {ContainerNames.Rule}");
        }

        if (Find(name) is { } there)
        {
            return there;
        }

        var root = store.Open();
        using var staged = _staging.Reserve();
        using (var directory = staged.MakeDirectory())
        {
            FileSystem.MakeDirectory(directory, PathZ.From(Data), StorePaths.DirectoryMode);
            using var data = FileSystem.OpenDirectory(directory, PathZ.From(Data));
            if (image is not null)
            {
                Fill(root, data, image, inside);
            }

            FileSystem.SyncFileSystem(data);
        }

        FileSystem.MakeDirectory(root, PathZ.From(Directory), StorePaths.DirectoryMode, mayExist: true);
        var error = FileSystem.TryRename(root, PathZ.From(staged.Path), root, PathZ.From($"{Directory}/{name}"));
        if (error is not (Errno.None or Errno.ENOTEMPTY or Errno.EEXIST)) // those two: another process was quicker
        {
            throw new StoreException($"cannot make volume '{name}': {error.Describe()}");
        }

        StoreDirectory.Sync(root, Directory);
        return Find(name) ?? throw new StoreException($"cannot make volume '{name}': '{Directory}/{name}' of the store has no directory '{Data}'");
    }

    public void Remove(string name)
    {
        var volume = Find(name) ?? throw new StoreException($"cannot remove volume '{Quoted.Text(name)}': no such volume");
        if (UsersOf(volume) is [var user, ..])
        {
            throw new StoreException($"cannot remove volume '{name}': container '{user}' uses it", $"delete that container and its changes first: orca rm {user}");
        }

        var root = store.Open();
        using var staged = _staging.Reserve();
        FileSystem.Rename(root, PathZ.From($"{Directory}/{name}"), root, PathZ.From(staged.Path));
        StoreDirectory.Sync(root, Directory);
        staged.Delete();
    }

    public IReadOnlyList<string> UsersOf(Volume volume) => [.. containers.List()
        .Where(container => Uses(container.Record, volume) || (container.IsHeld && TryFind(container.Record.Name) is { } running && Uses(running, volume)))
        .Select(static container => container.Record.Name)];

    /// <summary>The names in the directory, whole or not.</summary>
    internal static IEnumerable<string> Names(Fd root) => StoreDirectory.List(root, Directory).Select(Encoding.UTF8.GetString).Where(ContainerNames.IsValid);

    private static bool Uses(ContainerRecord record, Volume volume) => record.Options.Files.Mounts.Any(mount => mount.Source == volume.Path);

    private ContainerRecord? TryFind(string name)
    {
        try
        {
            return containers.FindRunning(name)?.Record;
        }
        catch (StoreException)
        {
            return null; // it goes with its run, and is gone
        }
    }

    private Volume Describe(Fd root, string name)
    {
        var (seconds, nanoseconds) = FileSystem.Status(root, PathZ.From($"{Directory}/{name}")).Modified; // of the directory that nothing is added to
        return new Volume(name, $"{store.Path}/{Directory}/{name}/{Data}", DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100));
    }

    /// <summary>Copies the image's directory; one that the image has not, or that is no directory there, leaves the volume empty.</summary>
    private static void Fill(Fd root, Fd data, StoredImage image, string inside)
    {
        using var tree = ImageTree.Open(root, image.Store, image.Rootfs, O_PATH | O_DIRECTORY | O_NOFOLLOW);
        if (FileSystem.TryOpenInRoot(tree, PathZ.From(NativeText.Encode(inside)), O_RDONLY | O_DIRECTORY, out var source) == Errno.None)
        {
            using (source)
            {
                TreeCopier.Copy(source!, data);
            }
        }
    }
}
