using System.Globalization;
using System.Text.Json;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>Limits of a container as a whole, kept by a control group (cgroups(7), version 2). Null means: none.</summary>
public sealed record GroupLimits
{
    private const long Billion = 1_000_000_000;

    /// <summary>Bytes of memory.</summary>
    public long? Memory { get; init; }

    /// <summary>Bytes of memory and swap together, as Docker counts; -1 for no limit. It needs <see cref="Memory"/>.</summary>
    public long? MemoryAndSwap { get; init; }

    /// <summary>Processor time in billionths of one processor: 1500000000 is one and a half.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Processes and threads.</summary>
    public long? Processes { get; init; }

    /// <summary>True when there is none.</summary>
    public bool IsEmpty => this is { Memory: null, MemoryAndSwap: null, NanoCpus: null, Processes: null };

    /// <summary>Returns these, where <paramref name="later"/> does not say otherwise.</summary>
    public GroupLimits OverriddenBy(GroupLimits later) => new()
    {
        Memory = later.Memory ?? Memory,
        MemoryAndSwap = later.MemoryAndSwap ?? MemoryAndSwap,
        NanoCpus = later.NanoCpus ?? NanoCpus,
        Processes = later.Processes ?? Processes,
    };

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteField("memory"u8, Memory);
        writer.WriteField("memoryAndSwap"u8, MemoryAndSwap);
        writer.WriteField("nanoCpus"u8, NanoCpus);
        writer.WriteField("processes"u8, Processes);
    }

    /// <summary>Returns the limits with this field of a record; null where it is not one of theirs.</summary>
    internal GroupLimits? Read(string field, ref Utf8JsonReader reader) => field switch
    {
        "memory" => this with { Memory = reader.GetInt64() },
        "memoryAndSwap" => this with { MemoryAndSwap = reader.GetInt64() },
        "nanoCpus" => this with { NanoCpus = reader.GetInt64() },
        "processes" => this with { Processes = reader.GetInt64() },
        _ => null,
    };

    /// <summary>Reads a number of processors such as <c>1.5</c>; 0 means no limit.</summary>
    /// <exception cref="ReferenceException">It is no such number.</exception>
    public static long? ParseCpus(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus) && cpus is 0 or (>= 0.01m and <= 100_000)
            ? cpus == 0 ? null : (long)(cpus * Billion)
            : throw new ReferenceException($"cannot limit processors to '{Quoted.Text(text)}': it is no number such as 1.5, at least 0.01");

    /// <summary>Reads a number of processes; 0 and -1 mean no limit.</summary>
    /// <exception cref="ReferenceException">It is no such number.</exception>
    public static long? ParseProcesses(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count >= -1
            ? count <= 0 ? null : count
            : throw new ReferenceException($"cannot limit processes to '{Quoted.Text(text)}': it is no number");

    /// <summary>Reads an amount of memory; 0 means no limit.</summary>
    /// <exception cref="ReferenceException">It is no amount, or too little for any process.</exception>
    public static long? ParseMemory(string text)
    {
        const long least = 6 << 20; // Docker's: with less, a container cannot even start
        return text == "0" ? null
            : !ByteSize.TryParse(text, out var bytes) ? throw new ReferenceException($"cannot limit memory to '{Quoted.Text(text)}': it is no size such as 512m")
            : bytes < least ? throw new ReferenceException($"cannot limit memory to '{Quoted.Text(text)}': at least 6m are needed")
            : bytes;
    }
}
