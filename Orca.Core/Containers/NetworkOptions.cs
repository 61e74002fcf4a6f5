using System.Text.Json;

namespace Orca.Core.Containers;

/// <summary>The network of a run, its names, and what it shares with the host.</summary>
public sealed record NetworkOptions
{
    private static readonly NameOptions s_noNames = new();

    /// <summary>Whose network; the host's when nothing is said. One of its own has nothing but loopback.</summary>
    public NamespaceMode? Mode { get; init; }

    /// <summary>Whose inter-process communication (System V, POSIX queues, /dev/shm); its own when nothing is said.</summary>
    public NamespaceMode? Ipc { get; init; }

    /// <summary>True: there is no /dev/shm, and inter-process communication is the container's own (<c>--ipc none</c>).</summary>
    public bool? NoSharedMemory { get; init; }

    /// <summary>Whose host name; its own when nothing is said.</summary>
    public NamespaceMode? Uts { get; init; }

    /// <summary>Whose processes; its own when nothing is said.</summary>
    public NamespaceMode? Pid { get; init; }

    /// <summary>The container's host name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Hand the caller's proxies in (<c>http_proxy</c> and its like); null: those without a password. Never without the host's network.</summary>
    public bool? HttpProxy { get; init; }

    /// <summary>How names are resolved.</summary>
    public NameOptions Names { get; init; } = s_noNames;

    /// <summary>Returns these options where <paramref name="later"/> does not say otherwise.</summary>
    public NetworkOptions OverriddenBy(NetworkOptions later) => new()
    {
        Mode = later.Mode ?? Mode,
        Ipc = later.Ipc ?? Ipc,
        NoSharedMemory = later.NoSharedMemory ?? NoSharedMemory,
        Uts = later.Uts ?? Uts,
        Pid = later.Pid ?? Pid,
        Hostname = later.Hostname ?? Hostname,
        HttpProxy = later.HttpProxy ?? HttpProxy,
        Names = Names.OverriddenBy(later.Names),
    };

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteField("network"u8, Mode);
        writer.WriteField("ipc"u8, Ipc);
        writer.WriteField("noSharedMemory"u8, NoSharedMemory);
        writer.WriteField("uts"u8, Uts);
        writer.WriteField("pid"u8, Pid);
        writer.WriteField("hostname"u8, Hostname);
        writer.WriteField("httpProxy"u8, HttpProxy);
        Names.Write(writer);
    }

    /// <summary>Returns the options with this field of a record; null where it is not one of theirs.</summary>
    internal NetworkOptions? Read(string field, ref Utf8JsonReader reader) => field switch
    {
        "network" => this with { Mode = reader.ReadMode() },
        "ipc" => this with { Ipc = reader.ReadMode() },
        "noSharedMemory" => this with { NoSharedMemory = reader.GetBoolean() },
        "uts" => this with { Uts = reader.ReadMode() },
        "pid" => this with { Pid = reader.ReadMode() },
        "hostname" => this with { Hostname = reader.ReadText() },
        "httpProxy" => this with { HttpProxy = reader.GetBoolean() },
        _ => Names.Read(field, ref reader) is { } names ? this with { Names = names } : null,
    };
}
