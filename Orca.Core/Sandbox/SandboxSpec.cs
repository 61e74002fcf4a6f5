using Orca.Core.Containers;

namespace Orca.Core.Sandbox;

/// <summary>Everything a sandbox is to be, decided: nothing in it is looked up again.</summary>
public sealed record SandboxSpec
{
    /// <summary>64 MiB, as everywhere.</summary>
    public const long DefaultSharedMemory = 64 << 20;

    /// <summary>Where <see cref="ResolverDirectory"/> appears inside.</summary>
    public const string ResolverMount = "/dev/resolve";

    private static readonly RunOptions s_nothing = new();

    /// <summary>The run's own options. An option that neither the image nor the host has a say in is read from here; what was decided has a property of its own.</summary>
    public RunOptions Requested { get; init; } = s_nothing;

    /// <summary>What becomes the root file system.</summary>
    public required RootFileSystem Root { get; init; }

    /// <summary>The command and its arguments; the first is looked up in the PATH of <see cref="Env"/> when it has no slash.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The command's variables, <c>NAME=value</c>, complete and without duplicates.</summary>
    public required IReadOnlyList<string> Env { get; init; }

    /// <summary>Absolute path inside; made when missing.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>User id of the command inside.</summary>
    public uint Uid { get; init; }

    /// <summary>Group id of the command inside.</summary>
    public uint Gid { get; init; }

    /// <summary>Further groups of the command, where the container has more than one id; else nobody can set them.</summary>
    public IReadOnlyList<uint> Groups { get; init; } = [];

    /// <summary>Which ids are there inside.</summary>
    public UserNamespaceMode UserNamespace { get; init; }

    /// <summary>True: no exec gains rights (PR_SET_NO_NEW_PRIVS). Always so where there is one id.</summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>What root inside may do at most; another user may do nothing of it.</summary>
    public CapabilitySet Capabilities { get; init; } = CapabilitySet.Default;

    /// <summary>Which system calls may be made.</summary>
    public SeccompChoice Seccomp { get; init; } = SeccompChoice.Default;

    /// <summary>True: nothing of /proc and /sys is hidden or made read-only.</summary>
    public bool ShowSystemPaths { get; init; }

    /// <summary>1 to 64 bytes.</summary>
    public required string Hostname { get; init; }

    /// <summary>Host paths that appear inside, in the order they are mounted.</summary>
    public IReadOnlyList<BindMount> Mounts { get; init; } = [];

    /// <summary>Where paths inside lead by links of the root, as it is before anything is mounted; a path that is not there leads where it says.</summary>
    /// <remarks>It decides the order of mounts and what of <see cref="Files"/> and <see cref="RootFiles"/> they leave to be seen, not where they go: the kernel follows links itself, inside the root.</remarks>
    public IReadOnlyDictionary<string, string> Places { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Empty directories and files of the root, by their places, that make way for a mount of the other kind: an earlier run's mount left them.</summary>
    public IReadOnlyList<string> EmptyPlaces { get; init; } = [];

    /// <summary>Small files that orca writes for the container and mounts: absolute path inside, content. Those that the caller's mounts hide are left out.</summary>
    public IReadOnlyList<GeneratedFile> Files { get; init; } = [];

    /// <summary>Empty file systems in memory; mounts of both kinds are made in the order of their depth.</summary>
    public IReadOnlyList<TemporaryMount> TemporaryMounts { get; init; } = [];

    /// <summary>Files that are put in the root itself, over what lies there.</summary>
    public IReadOnlyList<RootFile> RootFiles { get; init; } = [];

    /// <summary>Host directory of the resolver's configuration, shown read-only at <see cref="ResolverMount"/>; null for none.</summary>
    public string? ResolverDirectory { get; init; }

    /// <summary>True: the root and the files of <see cref="Files"/> cannot be written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Limits of the container as a whole; null when there is none.</summary>
    public GroupLimits? Limits { get; init; }

    /// <summary>Whose network; one of its own has nothing but loopback.</summary>
    public NamespaceMode Network { get; init; } = NamespaceMode.Host;

    /// <summary>Whose inter-process communication.</summary>
    public NamespaceMode Ipc { get; init; }

    /// <summary>Whose host name.</summary>
    public NamespaceMode Uts { get; init; }

    /// <summary>Whose processes; the host's are seen and, being the same user's, can be signalled, not looked into. Needs <see cref="HostProc"/>.</summary>
    public NamespaceMode Pid { get; init; }

    /// <summary>False: the command itself is the first process, and nobody reaps for it or acts on signals that it does not handle (pid_namespaces(7)).</summary>
    public bool Init { get; init; } = true;

    /// <summary>True: /proc is the one around this process instead of a new one, for hosts that refuse that; processes outside are seen, not reached.</summary>
    public bool HostProc { get; init; }

    /// <summary>The first process of a container that runs, in which the command is started, beside what runs there; null for a container of its own.</summary>
    /// <remarks>The container has its root, mounts, files, names and masks already: of this spec only what is about the command counts, and which rights the container has.</remarks>
    public ProcessIdentity? Joins { get; init; }

    /// <summary>True: nobody waits for the command, whose streams are /dev/null: it does not end with this process. Only for one that <see cref="Joins"/>.</summary>
    public bool Detached { get; init; }

    /// <summary>True: the command gets a pseudo-terminal of its own.</summary>
    public bool Terminal { get; init; }

    /// <summary>How many of this process's descriptors from 3 on the command gets as well.</summary>
    public int Descriptors { get; init; }

    /// <summary>False: the command's standard input is /dev/null (or, with a terminal, nothing is ever typed).</summary>
    public bool PassInput { get; init; } = true;
}

/// <summary>A small file that orca writes for the container.</summary>
/// <param name="Path">Absolute path inside.</param>
/// <param name="Content">Its text.</param>
public sealed record GeneratedFile(string Path, string Content)
{
    /// <summary>True: where the image has no room for it (its directory is a file, or a link that leads nowhere), it is left out.</summary>
    public bool MayLack { get; init; }
}

/// <summary>A file that orca puts in the container's root.</summary>
/// <param name="Path">Absolute path inside.</param>
/// <param name="Target">What it points to, as a symbolic link; null for a file with <paramref name="Content"/>.</param>
/// <param name="Content">Its bytes.</param>
public sealed record RootFile(string Path, string? Target, ReadOnlyMemory<byte> Content)
{
    /// <summary>True: where there is no room for it (its place is a directory, the file system is full), what is there stays.</summary>
    public bool MayLack { get; init; }
}
