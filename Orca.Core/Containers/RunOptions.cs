namespace Orca.Core.Containers;

/// <summary>What a run asks for beyond what its image says. Null and empty mean: as the image says.</summary>
/// <remarks>Strings that become bytes for the kernel go through <see cref="Linux.NativeText"/>, which keeps bytes that are not UTF-8.</remarks>
public sealed record RunOptions
{
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

    /// <summary>Give the command a pseudo-terminal; null decides by whether the caller has one.</summary>
    public bool? Terminal { get; init; }

    /// <summary>Pass standard input on; null decides as Docker users expect: yes.</summary>
    public bool? Interactive { get; init; }

    /// <summary>These options where <paramref name="later"/> does not say otherwise; variables and mounts add up. Command and streams are always the later run's.</summary>
    public RunOptions OverriddenBy(RunOptions later) => new()
    {
        Entrypoint = later.Entrypoint ?? Entrypoint,
        Command = later.Command,
        Env = [.. Env, .. later.Env],
        Mounts = [.. Mounts.Where(mount => !later.Mounts.Any(other => other.Destination == mount.Destination)), .. later.Mounts],
        WorkingDirectory = later.WorkingDirectory ?? WorkingDirectory,
        User = later.User ?? User,
        Hostname = later.Hostname ?? Hostname,
        Terminal = later.Terminal,
        Interactive = later.Interactive,
    };
}

/// <summary>A host path that appears at a path inside.</summary>
/// <param name="Source">Absolute path on the host.</param>
/// <param name="Destination">Absolute path inside.</param>
/// <param name="ReadOnly">True: nothing below can be written, sub-mounts included.</param>
public sealed record BindMount(string Source, string Destination, bool ReadOnly);
