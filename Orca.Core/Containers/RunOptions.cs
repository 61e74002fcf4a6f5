using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>What a run asks for beyond what its image says. Null and empty mean: as the image says.</summary>
/// <remarks>Strings that become bytes for the kernel go through <see cref="Linux.NativeText"/>, which keeps bytes that are not UTF-8.</remarks>
public sealed record RunOptions
{
    private static readonly GroupLimits s_noLimits = new();
    private static readonly NameOptions s_noNames = new();
    private static readonly SecurityOptions s_asUsual = new();

    /// <summary>Replaces the image's entrypoint and its Cmd; one empty string takes the entrypoint away (<c>--entrypoint ''</c>).</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Replaces the image's Cmd.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Variables as <c>NAME=value</c>; the last of a name wins, over the image's.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Host files and directories that appear inside.</summary>
    public IReadOnlyList<BindMount> Mounts { get; init; } = [];

    /// <summary>Where the command starts.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c>, ...</summary>
    public string? User { get; init; }

    /// <summary>The container's host name.</summary>
    public string? Hostname { get; init; }

    /// <summary>The root cannot be written; mounts, /dev and what is made in memory can.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>Keep the changes to the root in memory, at most so many bytes; 0 for as many as the kernel allows a tmpfs. Null: on the disk. Only for a container without a name.</summary>
    public long? ChangesInMemory { get; init; }

    /// <summary>Empty file systems in memory.</summary>
    public IReadOnlyList<TemporaryMount> TemporaryMounts { get; init; } = [];

    /// <summary>The most that /dev/shm may hold, in bytes; 64 MiB when nothing is said.</summary>
    public long? SharedMemory { get; init; }

    /// <summary>Limits of the command's process; what is not named is as the caller's.</summary>
    public IReadOnlyList<ResourceLimit> ResourceLimits { get; init; } = [];

    /// <summary>Limits of the container as a whole.</summary>
    public GroupLimits Limits { get; init; } = s_noLimits;

    /// <summary>Whose network; the host's when nothing is said. One of its own has nothing but loopback.</summary>
    public NamespaceMode? Network { get; init; }

    /// <summary>Whose inter-process communication (System V, POSIX queues, /dev/shm); its own when nothing is said.</summary>
    public NamespaceMode? Ipc { get; init; }

    /// <summary>Whose host name; its own when nothing is said.</summary>
    public NamespaceMode? Uts { get; init; }

    /// <summary>Whose processes; its own when nothing is said.</summary>
    public NamespaceMode? Pid { get; init; }

    /// <summary>False: the command is the container's first process, without an init before it.</summary>
    public bool? Init { get; init; }

    /// <summary>What asks the command to end when its time is over; the image's when nothing is said, or SIGTERM.</summary>
    public Signal? StopSignal { get; init; }

    /// <summary>How long the command may run; zero and null for as long as it likes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How names are resolved.</summary>
    public NameOptions Names { get; init; } = s_noNames;

    /// <summary>Hand the caller's proxies in (<c>http_proxy</c> and its like); null: those without a password. Never without the host's network.</summary>
    public bool? HttpProxy { get; init; }

    /// <summary>Time zone by name (<c>Europe/Berlin</c>); the host's when nothing is said.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Give the command a pseudo-terminal; null: where standard input, output and error are terminals, and <see cref="Interactive"/> says nothing.</summary>
    public bool? Terminal { get; init; }

    /// <summary>Pass standard input on; null: yes, but for a terminal when the command has none, whose keys may be meant for another program.</summary>
    public bool? Interactive { get; init; }

    /// <summary>How it differs from the default sandbox.</summary>
    public SecurityOptions Security { get; init; } = s_asUsual;

    /// <summary>These options where <paramref name="later"/> does not say otherwise; variables and mounts add up. Command and streams are always the later run's.</summary>
    public RunOptions OverriddenBy(RunOptions later) => new()
    {
        Entrypoint = later.Entrypoint ?? Entrypoint,
        Command = later.Command,
        Env = [.. Env, .. later.Env],
        Mounts = [.. Mounts.Where(mount => !later.Covers(mount.Destination)), .. later.Mounts],
        TemporaryMounts = [.. TemporaryMounts.Where(mount => !later.Covers(mount.Destination)), .. later.TemporaryMounts],
        ReadOnly = later.ReadOnly ?? ReadOnly,
        ChangesInMemory = later.ChangesInMemory ?? ChangesInMemory,
        SharedMemory = later.SharedMemory ?? SharedMemory,
        ResourceLimits = [.. ResourceLimits.Where(limit => !later.ResourceLimits.Any(other => other.Resource == limit.Resource)), .. later.ResourceLimits],
        Limits = Limits.OverriddenBy(later.Limits),
        Network = later.Network ?? Network,
        Ipc = later.Ipc ?? Ipc,
        Uts = later.Uts ?? Uts,
        Pid = later.Pid ?? Pid,
        Init = later.Init ?? Init,
        StopSignal = later.StopSignal ?? StopSignal,
        Timeout = later.Timeout ?? Timeout,
        Names = Names.OverriddenBy(later.Names),
        HttpProxy = later.HttpProxy ?? HttpProxy,
        TimeZone = later.TimeZone ?? TimeZone,
        WorkingDirectory = later.WorkingDirectory ?? WorkingDirectory,
        User = later.User ?? User,
        Hostname = later.Hostname ?? Hostname,
        Security = Security.OverriddenBy(later.Security),
        Terminal = later.Terminal,
        Interactive = later.Interactive,
    };

    /// <summary>True when one of the mounts takes this place inside.</summary>
    private bool Covers(string destination)
    {
        var place = CleanPath.Of(destination);
        return Mounts.Any(mount => CleanPath.Of(mount.Destination) == place) || TemporaryMounts.Any(mount => CleanPath.Of(mount.Destination) == place);
    }
}

/// <summary>A host path that appears at a path inside.</summary>
/// <param name="Source">Absolute path on the host.</param>
/// <param name="Destination">Absolute path inside.</param>
/// <param name="ReadOnly">True: nothing below can be written, sub-mounts included.</param>
public sealed record BindMount(string Source, string Destination, bool ReadOnly)
{
    /// <summary>True: no program below can be executed.</summary>
    public bool NoExec { get; init; }

    /// <summary>True: no device below can be opened.</summary>
    public bool NoDevices { get; init; }

    /// <summary>True: no program below gives another user's rights.</summary>
    public bool NoSetUid { get; init; }
}
