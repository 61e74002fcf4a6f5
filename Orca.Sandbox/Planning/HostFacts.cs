namespace Orca.Sandbox.Planning;

/// <summary>What the planner must know of the host and cannot decide itself; read by <see cref="Launch.HostProbe"/>.</summary>
internal sealed record HostFacts
{
    /// <summary>The caller's user id on the host.</summary>
    public required uint Uid { get; init; }

    /// <summary>The caller's group id on the host.</summary>
    public required uint Gid { get; init; }

    /// <summary>The caller's subordinate ids, where the container is to have them; else null.</summary>
    public SubIds.SubordinateIds? SubIds { get; init; }

    /// <summary>Which of standard input, output and error are pipes; looked at only where the command may be another user than the caller.</summary>
    public IReadOnlyList<int> Pipes { get; init; } = [];

    /// <summary>The kinds of the bind mounts' sources, in the order of the spec's mounts.</summary>
    public required IReadOnlyList<bool> SourceIsDirectory { get; init; }

    /// <summary>Which of those sources are of the kernel's own file systems (proc, sysfs); as long as that list, or empty when none is.</summary>
    public IReadOnlyList<bool> SourceIsKernel { get; init; } = [];

    /// <summary>Whether a mount shows what the kernel tells of the host.</summary>
    public bool ShowsKernel(Core.Containers.PlacedMount mount) => !mount.IsTemporary && mount.Index < SourceIsKernel.Count && SourceIsKernel[mount.Index];

    /// <summary>Device nodes of the host's /dev that are what their name says, of those the sandbox offers.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>Per-CPU thermal directories to hide (/sys/devices/system/cpu/cpuN/thermal_throttle).</summary>
    public IReadOnlyList<string> ThermalThrottle { get; init; } = [];

    /// <summary>True: the root is a copy of the tree, because the host refuses overlay mounts.</summary>
    public bool WithoutOverlay { get; init; }

    /// <summary>Directory of the control group made for the container; null when nothing of it as a whole is limited.</summary>
    public string? Group { get; init; }

    /// <summary>
    /// Which of standard input, output and error (0, 1, 2) cannot be the command's own: a terminal, which is the caller's to read, size and set, and what cannot be
    /// opened by its name in /proc (/dev/stdout), as a socket or another user's pipe.
    /// </summary>
    public IReadOnlyList<int> StreamsToRelay { get; init; } = [];

    /// <summary>Those of <see cref="StreamsToRelay"/> that are files of the caller's and no pipes of orca's: they stay the caller's, whoever the command is.</summary>
    public IReadOnlyList<int> LentStreams { get; init; } = [];

    /// <summary>True: standard output and standard error are one and the same, so that the order of what is written to both must stay.</summary>
    public bool ErrorIsOutput { get; init; }

    /// <summary>The container that the command joins; null for one of its own.</summary>
    public JoinFacts? Join { get; init; }

    /// <summary>The caller's terminal, when the command gets one of its own.</summary>
    public TerminalFacts? Terminal { get; init; }
}

/// <summary>What is seen of a container that runs, from outside.</summary>
/// <param name="Namespaces">Its namespaces that are not this process's.</param>
/// <param name="Uid">The user inside that the caller is there.</param>
/// <param name="Gid">The group likewise.</param>
/// <param name="Group">Directory of its control group, where it is limited as a whole; else null.</param>
internal sealed record JoinFacts(NamespaceKinds Namespaces, uint Uid, uint Gid, string? Group);

/// <summary>What a new terminal copies from the caller's.</summary>
/// <param name="Rows">Height in characters.</param>
/// <param name="Columns">Width in characters.</param>
/// <param name="Modes">struct termios of the kernel (36 bytes on x86-64 and arm64), or empty where standard input is no terminal.</param>
internal sealed record TerminalFacts(ushort Rows, ushort Columns, ReadOnlyMemory<byte> Modes)
{
    /// <summary>Gets the size that a terminal has where the caller has none.</summary>
    public static TerminalFacts Default => new(24, 80, default);

    /// <summary>False: the caller's terminal is another job's, and the command is stopped when it reads its own.</summary>
    public bool InForeground { get; init; } = true;
}
