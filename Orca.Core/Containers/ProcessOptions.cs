using System.Globalization;
using System.Text.Json;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The command of a run, its environment and its streams, and when it ends. Null and empty mean: as the image says.</summary>
public sealed record ProcessOptions
{
    /// <summary>Replaces the image's entrypoint and its Cmd; one empty string takes the entrypoint away (<c>--entrypoint ''</c>).</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Replaces the image's Cmd.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Variables as <c>NAME=value</c>; the last of a name wins, over the image's.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Names of variables that neither the image nor orca sets; <c>*</c> for all.</summary>
    public IReadOnlyList<string> UnsetEnv { get; init; } = [];

    /// <summary>Where the command starts.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c>, ...</summary>
    public string? User { get; init; }

    /// <summary>Time zone by name (<c>Europe/Berlin</c>); the host's when nothing is said.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Give the command a pseudo-terminal; null: where standard input, output and error are terminals, and <see cref="Interactive"/> says nothing.</summary>
    public bool? Terminal { get; init; }

    /// <summary>Pass standard input on; null: yes, but for a terminal when the command has none, whose keys may be meant for another program.</summary>
    public bool? Interactive { get; init; }

    /// <summary>False: the command is the container's first process, without an init before it.</summary>
    public bool? Init { get; init; }

    /// <summary>What asks the command to end when its time is over; the image's when nothing is said, or SIGTERM.</summary>
    public Signal? StopSignal { get; init; }

    /// <summary>How long the command may run; zero and null for as long as it likes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The permissions that new files do not get (umask(2)); 0022 when nothing is said.</summary>
    public long? Umask { get; init; }

    /// <summary>Returns these options where <paramref name="later"/> does not say otherwise; variables add up. Command and streams are always the later run's.</summary>
    public ProcessOptions OverriddenBy(ProcessOptions later) => new()
    {
        Entrypoint = later.Entrypoint ?? Entrypoint,
        Command = later.Command,
        Env = [.. Env, .. later.Env],
        UnsetEnv = [.. UnsetEnv, .. later.UnsetEnv],
        WorkingDirectory = later.WorkingDirectory ?? WorkingDirectory,
        User = later.User ?? User,
        TimeZone = later.TimeZone ?? TimeZone,
        Terminal = later.Terminal,
        Interactive = later.Interactive,
        Init = later.Init ?? Init,
        StopSignal = later.StopSignal ?? StopSignal,
        Timeout = later.Timeout ?? Timeout,
        Umask = later.Umask ?? Umask,
    };

    internal void Write(Utf8JsonWriter writer)
    {
        if (Entrypoint is { } entrypoint)
        {
            writer.WriteList("entrypoint"u8, entrypoint);
        }

        writer.WriteList("command"u8, Command);
        writer.WriteList("env"u8, Env);
        writer.WriteField("unsetEnv"u8, UnsetEnv);
        writer.WriteField("workingDirectory"u8, WorkingDirectory);
        writer.WriteField("user"u8, User);
        writer.WriteField("timeZone"u8, TimeZone);
        writer.WriteField("terminal"u8, Terminal);
        writer.WriteField("interactive"u8, Interactive);
        writer.WriteField("init"u8, Init);
        writer.WriteField("stopSignal"u8, StopSignal?.Number);
        writer.WriteField("timeout"u8, Timeout?.Ticks);
        writer.WriteField("umask"u8, Umask);
    }

    /// <summary>Returns the options with this field of a record; null where it is not one of theirs.</summary>
    internal ProcessOptions? Read(string field, ref Utf8JsonReader reader) => field switch
    {
        "entrypoint" => this with { Entrypoint = reader.ReadTexts() },
        "command" => this with { Command = reader.ReadTexts() },
        "env" => this with { Env = reader.ReadTexts() },
        "unsetEnv" => this with { UnsetEnv = reader.ReadTexts() },
        "workingDirectory" => this with { WorkingDirectory = reader.ReadText() },
        "user" => this with { User = reader.ReadText() },
        "timeZone" => this with { TimeZone = reader.ReadText() },
        "terminal" => this with { Terminal = reader.GetBoolean() },
        "interactive" => this with { Interactive = reader.GetBoolean() },
        "init" => this with { Init = reader.GetBoolean() },
        "stopSignal" => this with { StopSignal = ReadSignal(ref reader) },
        "timeout" => this with { Timeout = TimeSpan.FromTicks(reader.GetInt64()) },
        "umask" => this with { Umask = reader.GetInt64() },
        _ => null,
    };

    private static Signal ReadSignal(ref Utf8JsonReader reader) =>
        Signal.TryParse(reader.GetInt32().ToString(CultureInfo.InvariantCulture), out var signal) ? signal : throw new FormatException("not a signal");
}
