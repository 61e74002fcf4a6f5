using Orca.Core.References;

namespace Orca.Core.Containers;

/// <summary>What a kept container remembers between runs.</summary>
public sealed record ContainerRecord
{
    /// <summary>Its name, unique in the store.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the image it was made from.</summary>
    public required ImageReference Image { get; init; }

    /// <summary>The identity of that image.</summary>
    public required Digest ImageDigest { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>How it was first run; a later run that does not say otherwise does the same, but for the command.</summary>
    public required RunOptions Options { get; init; }
}

/// <summary>A run that is under way, as another process finds it.</summary>
/// <param name="Record">The container; its options are those of this run.</param>
/// <param name="Process">Its first process.</param>
public sealed record ContainerInstance(ContainerRecord Record, ProcessIdentity Process);

/// <summary>A process that no other can be taken for: a number is given again, but never with the same start.</summary>
/// <param name="Id">As the host counts.</param>
/// <param name="Born">When it began, in clock ticks since the machine was started (proc_pid_stat(5)).</param>
public readonly record struct ProcessIdentity(int Id, long Born);

/// <summary>A kept or running container as a list shows it.</summary>
public sealed record ContainerSummary
{
    /// <summary>What it remembers.</summary>
    public required ContainerRecord Record { get; init; }

    /// <summary>False for a container that goes with its run.</summary>
    public required bool Kept { get; init; }

    /// <summary>The process that runs it; null when nothing runs.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Whether a process holds it, be that known or not.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Its last run; null when it has had none that was written down.</summary>
    public RunTimes? Times { get; init; }
}

/// <summary>How a path of a container differs from its image.</summary>
public enum ChangeKind
{
    /// <summary>The image has it not.</summary>
    Added,

    /// <summary>The image has it, too: the container has written to it, or into the directory.</summary>
    Changed,

    /// <summary>The image has it, and the container has it not any more.</summary>
    Deleted,
}

/// <summary>One path of a container that differs from its image.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Path">The path inside (<see cref="Linux.NativeText"/>).</param>
public sealed record ContainerChange(ChangeKind Kind, string Path);

/// <summary>When a run began and how it ended.</summary>
/// <param name="Started">When the command started.</param>
/// <param name="Ended">When it ended; null when it has not, or nobody was left to write it down.</param>
/// <param name="ExitCode">Its exit status; null as long as <paramref name="Ended"/> is.</param>
public sealed record RunTimes(DateTimeOffset Started, DateTimeOffset? Ended, int? ExitCode)
{
    /// <summary>The exit status shown of a run whose end nobody has written down: the machine stopped, or the process beside it was killed.</summary>
    public const int Lost = 255;
}
