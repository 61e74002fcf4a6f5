using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Snapshots as layers that containers refer to. See <see cref="LayerState"/> for the moment at which each change happens.</summary>
internal sealed partial class SnapshotStore(StoreRoot store, ImageStore images, TimeProvider time) : ISnapshotStore
{
    private const int LongestMessage = 1000;

    private readonly StagingArea _staging = new(store);

    public SnapshotTaken Take(string name, string message)
    {
        if (message.Length > LongestMessage)
        {
            throw Refuse("snapshot", name, $"the message has {message.Length} characters, more than {LongestMessage}");
        }

        return Change("snapshot", name, held =>
        {
            var state = Keep(held, SnapshotKind.Asked, message);
            return new SnapshotTaken(state.Base, StoredLayers.IsCopy(held.Root, state.Upper));
        });
    }

    public SnapshotMove Undo(string name) => Change("undo", name, held =>
    {
        var state = held.State;
        var target = held.IsChanged ? state.Base
            : state.Undone ?? (state.Base == 0 ? throw Refuse("undo", name, "it has changed nothing in its image") : BaseOf(state, state.Base));
        return Move(held, target, "undo");
    });

    public SnapshotMove Restore(string name, int number) => Change("restore", name, held =>
        !held.IsChanged && held.State.Base == number ? new SnapshotMove(number, number) : Move(held, number, "restore"));

    public void Branch(string name, string other)
    {
        if (!ContainerNames.IsValid(other) || ContainerNames.IsRandom(other))
        {
            throw Refuse("branch", name, $"'{Quoted.Text(other)}': {(ContainerNames.IsValid(other) ? "names of this form are orca's own" : ContainerNames.Rule)}");
        }

        Change("branch", name, held =>
        {
            var root = held.Root;
            if (!StoreDirectory.IsAbsent(root, StorePaths.Container(other)) && (ContainerCatalog.Read(root, other) is not null || ContainerCatalog.IsDamaged(root, other)))
            {
                throw Refuse("branch", name, $"there is a container '{other}'");
            }

            var state = held.IsChanged ? Keep(held, SnapshotKind.Branched, string.Empty) : held.State;
            using var directory = ContainerDirectory.TryMake(store, other) ?? throw Refuse("branch", name, $"another process makes container '{other}'");
            if (directory.HasRecord)
            {
                throw Refuse("branch", name, $"there is a container '{other}'");
            }

            try
            {
                directory.Empty(); // a creation that was killed before it wrote its record
                var upper = Begin(held, state.Base == 0 ? null : state.LayerOf(state.Base), state.Base);
                (state with { Upper = upper, Undone = null }).Write(root, directory.Path);
                directory.WriteRecord(ContainerRecordWriter.Write(held.Record with { Name = other, Created = time.GetUtcNow() }, isKept: true));
            }
            catch
            {
                directory.Delete();
                throw;
            }

            return 0;
        });
    }

    public void Remove(string name, int number) => Change("remove a snapshot of", name, held =>
    {
        var state = held.State;
        if (state.LayerOf(number) is null)
        {
            throw NoSnapshot("remove a snapshot of", name, number);
        }

        // What was made above it is above the one before it now. Its layer stays for as long as they need it.
        var below = BaseOf(state, number);
        var rest = state.Snapshots.Where(one => one.Snapshot.Number != number)
            .Select(one => one.Snapshot.Base == number ? (one.Snapshot with { Base = below }, one.Layer) : one).ToList();
        Commit(held, state with { Snapshots = rest, Base = state.Base == number ? below : state.Base, IsAhead = state.IsAhead || state.Base == number, Undone = state.Undone == number ? null : state.Undone });
        return 0;
    });

    /// <summary>Makes the present state a snapshot, above which the container goes on.</summary>
    private LayerState Keep(HeldContainer held, SnapshotKind kind, string message)
    {
        var state = held.State;
        var snapshot = new Snapshot(state.Next, time.GetUtcNow(), kind, state.Base, message);
        return Commit(held, state with
        {
            Upper = Begin(held, state.Upper, snapshot.Number),
            Base = snapshot.Number,
            IsAhead = false,
            Next = snapshot.Number + 1,
            Undone = null,
            Snapshots = [.. state.Snapshots, (snapshot, state.Upper)],
        });
    }

    /// <summary>Goes to another state, and keeps the present one as a snapshot where it is no snapshot already.</summary>
    private SnapshotMove Move(HeldContainer held, int target, string verb)
    {
        var state = held.State;
        var layer = target == 0 ? null : state.LayerOf(target) ?? throw NoSnapshot(verb, held.Record.Name, target);
        var upper = Begin(held, layer, target);
        var left = held.IsChanged ? new Snapshot(state.Next, time.GetUtcNow(), SnapshotKind.Left, state.Base, string.Empty) : null;
        var after = Commit(held, state with
        {
            Upper = upper,
            Base = target,
            IsAhead = false,
            Next = left is null ? state.Next : state.Next + 1,
            Undone = left?.Number ?? state.Base,
            Snapshots = left is null ? state.Snapshots : [.. state.Snapshots, (left, state.Upper)],
        });
        return new SnapshotMove(target, after.Undone!.Value);
    }

    private LayerState Commit(HeldContainer held, LayerState state)
    {
        if (state.Upper != held.State.Upper)
        {
            store.TryDelete($"{held.Directory.Path}/{ContainerDirectory.WorkName}"); // the kernel may have noted in it which upper layer it belongs to; a run makes it again
        }

        state.Write(held.Root, held.Directory.Path);
        held.State = state;
        return state;
    }

    /// <summary>Makes a layer in which a container begins at the state of another layer, or of the image.</summary>
    private string Begin(HeldContainer held, string? layer, int number)
    {
        var root = held.Root;
        var image = images.Find(held.Record.ImageDigest) ?? throw Refuse(
            "change", held.Record.Name, $"its image {held.Record.Image.Familiar} is not whole in the store", $"pull it again: orca pull {held.Record.Image.WithDigest(held.Record.ImageDigest).Familiar} (or load the archive that it came from)");
        var trees = layer is null ? null : StoredTrees("change", held.Record.Name, root, layer);
        if (trees?.Describe(root) is { } lost)
        {
            throw Refuse("change", held.Record.Name, $"snapshot {number} {lost}");
        }

        using var staged = _staging.Reserve();
        using var made = staged.MakeDirectory();
        if (trees?.Copy is not null || StoredLayers.IsCopy(root, held.State.Upper))
        {
            LayerCopy.Make(root, made, image, trees);
            return StoredLayers.Publish(root, staged, made, []);
        }

        FileSystem.MakeDirectory(made, PathZ.From(StoredLayers.TreeName), StorePaths.DirectoryMode);
        using (var tree = FileSystem.OpenDirectory(made, PathZ.From(StoredLayers.TreeName)))
        {
            if (trees is null)
            {
                FileSystem.SetMode(tree, ImageTree.TryStatus(root, image)?.Permissions ?? StorePaths.DirectoryMode);
                _ = FileSystem.TrySetTime(tree, (held.Record.Created.ToUnixTimeSeconds(), 0));
            }
            else
            {
                using var model = StoredLayers.TryOpenDirectory(FileSystem.Open(root, PathZ.From(trees.Upper), O_PATH | O_DIRECTORY | O_NOFOLLOW), []);
                LayerMerger.CopyAttributes(model!, tree);
            }

            FileSystem.Sync(tree);
        }

        string[] below = trees is null ? [] : [layer!, .. StoredLayers.Below(root, layer!)!];
        return StoredLayers.Publish(root, staged, made, below.Length > StoredLayers.Most ? [LayerCopy.Merge(root, _staging, trees!)] : below);
    }

    private static int BaseOf(LayerState state, int number)
    {
        foreach (var (snapshot, _) in state.Snapshots)
        {
            if (snapshot.Number == number)
            {
                return snapshot.Base;
            }
        }

        return 0;
    }

    private T Change<T>(string verb, string name, Func<HeldContainer, T> change)
    {
        var (root, _) = Find(verb, name);
        T result;
        using (var directory = Hold(name) ?? throw Refuse(verb, name, "it runs", $"stop it first: orca stop {name}"))
        {
            if (ContainerCatalog.Read(root, name) is not { IsKept: true } entry)
            {
                throw ContainerStore.Missing(verb, name);
            }

            var trees = ContainerTrees.Find(root, directory.Path) ?? throw Damaged(verb, name);
            if (trees.Describe(root) is { } lost)
            {
                throw Refuse(verb, name, $"it {lost}", $"'orca rm {name}' deletes what is left of it");
            }

            using var layers = StoredLayers.Hold(root);
            var isChanged = IsChanged(root, directory.Path, trees);
            result = change(new HeldContainer(root, directory, entry.Record, isChanged) { State = LayerMove.Finish(store, _staging, directory) });
        }

        long freed = 0;
        LayerCollector.Collect(store, _staging, ref freed); // an upper layer that nothing was written to, or that of a snapshot which is forgotten
        return result;
    }

    private ContainerDirectory? Hold(string name)
    {
        try
        {
            return ContainerDirectory.TryHold(store, name);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    }

    /// <summary>A container that nobody else can run or change meanwhile.</summary>
    private sealed record HeldContainer(Fd Root, ContainerDirectory Directory, ContainerRecord Record, bool IsChanged)
    {
        internal required LayerState State { get; set; }
    }
}
