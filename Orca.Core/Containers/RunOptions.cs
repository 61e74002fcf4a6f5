using System.Text.Json;

namespace Orca.Core.Containers;

/// <summary>What a run asks for beyond what its image says, a record for each concern. Null and empty mean: as the image says.</summary>
/// <remarks>
/// Strings that become bytes for the kernel go through <see cref="Linux.NativeText"/>, which keeps bytes that are not UTF-8.
/// Each record holds all that an option needs but its effect: the value, how a later run of a kept container changes it, and its field in the
/// container record. The fields of all but <see cref="Security"/> share one JSON object, in which a field that this orca does not know is skipped.
/// </remarks>
public sealed record RunOptions
{
    private static readonly ProcessOptions s_process = new();
    private static readonly FilesOptions s_files = new();
    private static readonly NetworkOptions s_network = new();
    private static readonly LimitOptions s_limits = new();
    private static readonly SecurityOptions s_security = new();

    /// <summary>The command, its environment and its streams, and when it ends.</summary>
    public ProcessOptions Process { get; init; } = s_process;

    /// <summary>What the container sees of files, and where its changes go.</summary>
    public FilesOptions Files { get; init; } = s_files;

    /// <summary>Network, names, and what is shared with the host.</summary>
    public NetworkOptions Network { get; init; } = s_network;

    /// <summary>Limits.</summary>
    public LimitOptions Limits { get; init; } = s_limits;

    /// <summary>How the sandbox differs from the default one.</summary>
    public SecurityOptions Security { get; init; } = s_security;

    /// <summary>What its owner notes of the container, <c>NAME=VALUE</c>, each name once. Nothing is done with them.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Returns these options where <paramref name="later"/> does not say otherwise. Command and streams are always the later run's.</summary>
    public RunOptions OverriddenBy(RunOptions later) => new()
    {
        Process = Process.OverriddenBy(later.Process),
        Files = Files.OverriddenBy(later.Files),
        Network = Network.OverriddenBy(later.Network),
        Limits = Limits.OverriddenBy(later.Limits),
        Security = Security.OverriddenBy(later.Security),
        Labels = later.Labels.Count > 0 ? later.Labels : Labels,
    };

    /// <summary>Writes the options as a JSON object; those that were not asked for are left out.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        Process.Write(writer);
        Files.Write(writer);
        Network.Write(writer);
        Limits.Write(writer);
        Security.Write(writer);
        writer.WriteField("labels"u8, Labels);
        writer.WriteEndObject();
    }

    /// <summary>Returns the options that <see cref="Write"/> wrote, of any orca's version. The reader is at the start of the object, and then at its end.</summary>
    /// <exception cref="FormatException">A field has a value that this orca does not know.</exception>
    /// <exception cref="InvalidOperationException">A field is of another type.</exception>
    public static RunOptions Read(ref Utf8JsonReader reader)
    {
        var options = new RunOptions();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString()!;
            reader.Read();
            options = options.Read(field, ref reader);
        }

        return options;
    }

    private RunOptions Read(string field, ref Utf8JsonReader reader)
    {
        if (field == SecurityOptions.Field)
        {
            return this with { Security = SecurityOptions.Read(ref reader) };
        }

        if (field == "labels")
        {
            return this with { Labels = reader.ReadTexts() };
        }

        if (Process.Read(field, ref reader) is { } process)
        {
            return this with { Process = process };
        }

        if (Files.Read(field, ref reader) is { } files)
        {
            return this with { Files = files };
        }

        if (Network.Read(field, ref reader) is { } network)
        {
            return this with { Network = network };
        }

        if (Limits.Read(field, ref reader) is { } limits)
        {
            return this with { Limits = limits };
        }

        reader.Skip();
        return this;
    }
}
