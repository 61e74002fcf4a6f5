using System.Text.Json;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The limits of a run. Null and empty mean: none but the caller's own.</summary>
public sealed record LimitOptions
{
    private static readonly GroupLimits s_noLimits = new();

    /// <summary>The most that /dev/shm may hold, in bytes; 64 MiB when nothing is said.</summary>
    public long? SharedMemory { get; init; }

    /// <summary>Limits of the command's process; what is not named is as the caller's.</summary>
    public IReadOnlyList<ResourceLimit> Resources { get; init; } = [];

    /// <summary>How much earlier the kernel kills the container than other processes when memory is short: -1000 to 1000 (proc(5), oom_score_adj).</summary>
    public long? OomScore { get; init; }

    /// <summary>The processors that the command starts on, as in <c>0-3,5</c> (sched_setaffinity(2)); it may choose others. Null: the caller's.</summary>
    public string? Processors { get; init; }

    /// <summary>Parameters of the container's own kernel namespaces, <c>NAME=VALUE</c> (sysctl(8)).</summary>
    public IReadOnlyList<string> KernelParameters { get; init; } = [];

    /// <summary>Limits of the container as a whole.</summary>
    public GroupLimits Group { get; init; } = s_noLimits;

    /// <summary>Returns these options where <paramref name="later"/> does not say otherwise.</summary>
    public LimitOptions OverriddenBy(LimitOptions later) => new()
    {
        SharedMemory = later.SharedMemory ?? SharedMemory,
        Resources = [.. Resources.Where(limit => !later.Resources.Any(other => other.Resource == limit.Resource)), .. later.Resources],
        OomScore = later.OomScore ?? OomScore,
        Processors = later.Processors ?? Processors,
        KernelParameters = [.. KernelParameters, .. later.KernelParameters],
        Group = Group.OverriddenBy(later.Group),
    };

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteField("sharedMemory"u8, SharedMemory);
        writer.WriteField("resourceLimits"u8, Resources);
        writer.WriteField("oomScore"u8, OomScore);
        writer.WriteField("processors"u8, Processors);
        writer.WriteField("kernelParameters"u8, KernelParameters);
        Group.Write(writer);
    }

    /// <summary>Returns the options with this field of a record; null where it is not one of theirs.</summary>
    internal LimitOptions? Read(string field, ref Utf8JsonReader reader) => field switch
    {
        "sharedMemory" => this with { SharedMemory = reader.GetInt64() },
        "resourceLimits" => this with { Resources = reader.ReadTexts().ConvertAll(ResourceLimit.Parse) },
        "oomScore" => this with { OomScore = reader.GetInt64() },
        "processors" => this with { Processors = reader.ReadText() },
        "kernelParameters" => this with { KernelParameters = reader.ReadTexts() },
        _ => Group.Read(field, ref reader) is { } group ? this with { Group = group } : null,
    };
}
