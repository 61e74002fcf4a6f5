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
}
