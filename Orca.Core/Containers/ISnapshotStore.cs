namespace Orca.Core.Containers;

/// <summary>Earlier states of kept containers, and the ways back to them. Every method that changes something needs a container that does not run.</summary>
/// <remarks>Each change is one rename of a small file: after a crash at any moment the container is as it was before, or as it is afterwards.</remarks>
public interface ISnapshotStore : ISnapshotCatalog
{
    /// <summary>Keeps a container's present state as a snapshot. What it has changed since the last one is set aside; nothing of it is copied where the host has overlay mounts.</summary>
    /// <param name="name">The container.</param>
    /// <param name="message">What the user says about it; may be empty.</param>
    /// <exception cref="Errors.StoreException">No such container, or it runs.</exception>
    SnapshotTaken Take(string name, string message);

    /// <summary>
    /// Takes back what the container has changed since its last snapshot, or since it was made. Where nothing has changed, takes back the last undo or restore, else the last snapshot's changes.
    /// </summary>
    /// <exception cref="Errors.StoreException">No such container, it runs, or there is nothing to take back.</exception>
    SnapshotMove Undo(string name);

    /// <summary>Makes a container as it was at a snapshot; 0 is the state of its image. Its present state is kept as a snapshot if it differs.</summary>
    /// <exception cref="Errors.StoreException">No such container or snapshot, or it runs.</exception>
    SnapshotMove Restore(string name, int number);

    /// <summary>Makes a second container of the present state of one, with its snapshots and options. What it has not changed itself is on the disk once.</summary>
    /// <exception cref="Errors.StoreException">No such container, it runs, or the other name is taken or no valid name.</exception>
    void Branch(string name, string other);

    /// <summary>Forgets a snapshot. Its files go when no other snapshot and no container needs them.</summary>
    /// <exception cref="Errors.StoreException">No such container or snapshot, or it runs.</exception>
    void Remove(string name, int number);
}

/// <summary>What is known of the snapshots of containers, also of those that run.</summary>
public interface ISnapshotCatalog
{
    /// <summary>Returns the snapshots of a container, the oldest first.</summary>
    /// <exception cref="Errors.StoreException">No such container.</exception>
    SnapshotHistory History(string name);

    /// <summary>Returns how a container's files differ between two of its states, by path.</summary>
    /// <param name="name">The container.</param>
    /// <param name="from">A snapshot; 0 is the state of its image.</param>
    /// <param name="to">Another one; null is the present state.</param>
    /// <exception cref="Errors.StoreException">No such container or snapshot, or its files are not apart from the image.</exception>
    IReadOnlyList<ContainerChange> Compare(string name, int from, int? to);
}

/// <summary>A snapshot that was taken.</summary>
/// <param name="Number">Its number.</param>
/// <param name="IsCopied">Whether all files of the container were copied for it, as the host has no overlay mounts.</param>
public sealed record SnapshotTaken(int Number, bool IsCopied);

/// <summary>Why a snapshot was taken.</summary>
public enum SnapshotKind
{
    /// <summary>The user asked for it.</summary>
    Asked,

    /// <summary>An undo or a restore has kept the state that it left.</summary>
    Left,

    /// <summary>The container was branched.</summary>
    Branched,
}

/// <summary>A state of a container that was kept.</summary>
/// <param name="Number">Its number, never used again in the container.</param>
/// <param name="Taken">When it was taken.</param>
/// <param name="Kind">Why.</param>
/// <param name="Base">The snapshot whose changes come before its own; 0 is the image.</param>
/// <param name="Message">What the user has said about it; may be empty.</param>
public sealed record Snapshot(int Number, DateTimeOffset Taken, SnapshotKind Kind, int Base, string Message);

/// <summary>The snapshots of a container.</summary>
/// <param name="Snapshots">The oldest first.</param>
/// <param name="Current">The snapshot that the container's present changes are above; 0 is the image.</param>
/// <param name="IsChanged">Whether it has changed anything since.</param>
public sealed record SnapshotHistory(IReadOnlyList<Snapshot> Snapshots, int Current, bool IsChanged);

/// <summary>What an undo or a restore has done.</summary>
/// <param name="To">The snapshot that the container is at; 0 is the image.</param>
/// <param name="Left">The snapshot that has the state which it left.</param>
public sealed record SnapshotMove(int To, int Left);
