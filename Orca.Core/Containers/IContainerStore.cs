using Orca.Core.Images;

namespace Orca.Core.Containers;

/// <summary>Containers at rest: a writable layer above an image, and what is remembered of it.</summary>
public interface IContainerStore : IContainerFinisher, IContainerCatalog
{
    /// <summary>What the kept container of this name remembers; null when there is none.</summary>
    ContainerRecord? Find(string name);

    /// <summary>Makes a container that goes when the result is disposed, or is swept by a later start after a crash. Listed from <see cref="IContainerRun.Launched"/> on.</summary>
    IContainer CreateEphemeral(StoredImage image, ContainerRecord record);

    /// <summary>Makes a kept container.</summary>
    /// <exception cref="Errors.StoreException">The name is taken or no valid name.</exception>
    IContainer Create(StoredImage image, ContainerRecord record);

    /// <summary>Opens a kept container for a run; nobody else can until the result is disposed.</summary>
    /// <exception cref="Errors.StoreException">No such container, or a process runs it.</exception>
    IContainer Open(string name);

    /// <summary>Gives a kept container another name.</summary>
    /// <exception cref="Errors.StoreException">No such container, it runs, or the other name is taken or no valid name.</exception>
    void Rename(string from, string to);

    /// <summary>Deletes a kept container and its changes.</summary>
    /// <exception cref="Errors.StoreException">No such container, or it runs and <paramref name="force"/> is false (with it, the run is killed).</exception>
    void Remove(string name, bool force);
}

/// <summary>What is known of containers without holding them.</summary>
public interface IContainerCatalog
{
    /// <summary>The run of a container that is under way, whichever process of this user holds it; null when its command does not run.</summary>
    /// <remarks>That the container is held, and that its first process is the one that its holder has started, is looked at anew at each call: nothing of it is ever stale.</remarks>
    /// <exception cref="Errors.StoreException">No such container.</exception>
    ContainerInstance? FindRunning(string name);

    /// <summary>The kept or running container of this name; null when there is none.</summary>
    ContainerSummary? Look(string name);

    /// <summary>Begins to watch a container; its exit status can be read even when it goes with its end.</summary>
    /// <exception cref="Errors.StoreException">No such container.</exception>
    IContainerWatch Watch(string name);

    /// <summary>Opens the directory in which a container's log lies.</summary>
    /// <exception cref="Errors.StoreException">No such container.</exception>
    Linux.Fd OpenDirectory(string name);

    /// <summary>All kept and all running containers, by name.</summary>
    IReadOnlyList<ContainerSummary> List();

    /// <summary>How a container's files differ from its image's, by path; it may run.</summary>
    /// <exception cref="Errors.StoreException">No such container, its image is not whole, or its changes are not apart from the image.</exception>
    IReadOnlyList<ContainerChange> Changes(string name);
}

/// <summary>A container that somebody waits for.</summary>
public interface IContainerWatch : IDisposable
{
    /// <summary>Whether a process holds the container now.</summary>
    bool IsHeld { get; }

    /// <summary>The times and the exit status of its last run; null when it has had none that was written down.</summary>
    RunTimes? Times { get; }
}

/// <summary>Ends containers whose process was replaced.</summary>
public interface IContainerFinisher
{
    /// <summary>Does what disposing a container would have done, in the program that <see cref="IContainerRun.HandOver"/> has left it to.</summary>
    /// <exception cref="Errors.StoreException">The token is none of this store's.</exception>
    void Finish(string token);
}

/// <summary>What a container hears of the run in it.</summary>
public interface IContainerRun
{
    /// <summary>Says that the launch is under way: what the start need not wait for can be done, such as writing down that the container runs.</summary>
    void Launched();

    /// <summary>Says that the root is mounted and the command runs: other processes can find it from now on, and what was only needed for mounting can go. Costs the command nothing.</summary>
    /// <param name="process">The container's first process, as this process counts.</param>
    /// <param name="options">How it is run, what the container remembers included.</param>
    void Started(int process, RunOptions options);

    /// <summary>Remembers other options for later runs of a kept container, in place of those it had.</summary>
    /// <exception cref="Errors.StoreException">They cannot be written.</exception>
    void Remember(RunOptions options);

    /// <summary>Opens what the run leaves in the container's directory; null for a container that goes with its run.</summary>
    /// <param name="withLog">True: what the command prints is logged there.</param>
    /// <exception cref="Errors.StoreException">It cannot be written.</exception>
    Sandbox.RunJournal? OpenJournal(bool withLog);

    /// <summary>Lets the locks outlive execve(2), for a program that takes this one's place. Returns what <see cref="IContainerFinisher.Finish"/> takes there.</summary>
    string HandOver();
}

/// <summary>Where paths lead in a container's root.</summary>
public interface IContainerPaths
{
    /// <summary>Follows symbolic links of the container's root, the last one too, and looks at what is there before anything is mounted.</summary>
    RootEntry Find(string path);
}

/// <summary>What is in files of a container.</summary>
public interface IContainerContent
{
    /// <summary>Reads a file as the container would see it, symbolic links resolved inside the container's root.</summary>
    /// <returns>The bytes; null when there is no such regular file.</returns>
    /// <exception cref="Errors.StoreException">It is larger than <paramref name="limit"/> bytes.</exception>
    byte[]? ReadFile(string path, int limit);

    /// <summary>As <see cref="ReadFile"/>, but no more than the first bytes of the file, however large it is.</summary>
    byte[]? ReadStart(string path, int count);
}

/// <summary>A container opened for one run. Holds its lock and its image's until disposed.</summary>
public interface IContainer : IContainerRun, IContainerPaths, IContainerContent, IDisposable
{
    /// <summary>What is remembered of it.</summary>
    ContainerRecord Record { get; }

    /// <summary>The image below it.</summary>
    StoredImage Image { get; }

    /// <summary>Where its root file system comes from.</summary>
    RootFileSystem Root { get; }

    /// <summary>Turns the container into a plain copy of its tree, for hosts without overlay; idempotent. Returns the new <see cref="Root"/>.</summary>
    RootFileSystem MaterializeCopy();
}

/// <summary>What a container's root is made of. All paths but those of stores are relative to it, so that no character in it matters.</summary>
public sealed record RootFileSystem
{
    /// <summary>Absolute path of the store's root on the host.</summary>
    public required string Store { get; init; }

    /// <summary>The container's own directory; the root is mounted over it inside the container's mount namespace.</summary>
    public required string Directory { get; init; }

    /// <summary>The image's tree; null when <see cref="Copy"/> is set.</summary>
    public string? Lower { get; init; }

    /// <summary>Absolute path of the store that <see cref="Lower"/> lies in, when it is not <see cref="Store"/>; then <c>lower</c> in <see cref="Directory"/> is an empty directory for it to be mounted on.</summary>
    public string? LowerStore { get; init; }

    /// <summary>A tree above the image's with its directories alone, where the image belongs to another user; null when there is none.</summary>
    public string? Frame { get; init; }

    /// <summary>Trees above the image's with what the container had changed up to its snapshots, the top one first; normally none.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>The directory of the file in which owners are noted; null when it is <see cref="Directory"/>.</summary>
    public string? OwnersDirectory { get; init; }

    /// <summary>A tree below the image's with the mount points that it may lack; null when there is none.</summary>
    public string? MountPoints { get; init; }

    /// <summary>Takes the changes (overlay upper directory).</summary>
    public string? Upper { get; init; }

    /// <summary>The overlay's scratch directory, on the same file system as <see cref="Upper"/>.</summary>
    public string? Work { get; init; }

    /// <summary>A file system in memory that takes the changes in place of the disk; null normally.</summary>
    /// <remarks>It is mounted on <see cref="Work"/> in the container's mount namespace, so that nobody else sees it and it goes with the container.</remarks>
    public MemoryLayer? Memory { get; init; }

    /// <summary>A complete private tree instead of an overlay; null normally.</summary>
    public string? Copy { get; init; }

    /// <summary>True when <see cref="Copy"/> is no private tree but the image's own, which must not change: it is mounted read-only before anything else is done in it.</summary>
    public bool IsShared { get; init; }

    /// <summary>The file in <see cref="Directory"/> where owners are noted that the kernel cannot set, of files that can have no attribute.</summary>
    public const string OwnersName = "owners";

    /// <summary>True when the changes are thrown away, so they need not reach the disk, and nobody remembers the owners of files.</summary>
    public bool Volatile { get; init; }
}

/// <summary>A container's changes in memory.</summary>
/// <param name="Size">The most they may take, in bytes; 0 for as much as the kernel allows a tmpfs, which is half of the memory.</param>
/// <param name="Permissions">Those of the container's root.</param>
public sealed record MemoryLayer(long Size, uint Permissions);
