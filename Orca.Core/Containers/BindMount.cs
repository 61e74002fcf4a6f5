using System.Text.Json;

namespace Orca.Core.Containers;

/// <summary>A host path that appears at a path inside.</summary>
/// <param name="Source">Absolute path on the host.</param>
/// <param name="Destination">Absolute path inside.</param>
/// <param name="ReadOnly">True: nothing below can be written, sub-mounts included.</param>
public sealed record BindMount(string Source, string Destination, bool ReadOnly)
{
    /// <summary>The name of the volume that is mounted, until the run has found or made it and knows its <see cref="Source"/>; else null.</summary>
    public string? Volume { get; init; }

    /// <summary>True: no program below can be executed.</summary>
    public bool NoExec { get; init; }

    /// <summary>True: no device below can be opened.</summary>
    public bool NoDevices { get; init; }

    /// <summary>True: no program below gives another user's rights.</summary>
    public bool NoSetUid { get; init; }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteField("source"u8, Source);
        writer.WriteField("destination"u8, Destination);
        writer.WriteField("readOnly"u8, ReadOnly);
        writer.WriteField("noExec"u8, NoExec ? true : null);
        writer.WriteField("noDevices"u8, NoDevices ? true : null);
        writer.WriteField("noSetUid"u8, NoSetUid ? true : null);
        writer.WriteEndObject();
    }

    /// <exception cref="FormatException">It has no source or destination, or a field that this orca does not know: leaving that out could open what was closed.</exception>
    internal static BindMount Read(ref Utf8JsonReader reader)
    {
        var mount = new BindMount(string.Empty, string.Empty, ReadOnly: false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            mount = field switch
            {
                "source" => mount with { Source = reader.ReadText() },
                "destination" => mount with { Destination = reader.ReadText() },
                "readOnly" => mount with { ReadOnly = reader.GetBoolean() },
                "noExec" => mount with { NoExec = reader.GetBoolean() },
                "noDevices" => mount with { NoDevices = reader.GetBoolean() },
                "noSetUid" => mount with { NoSetUid = reader.GetBoolean() },
                _ => throw new FormatException("a mount that this orca does not know"),
            };
        }

        return mount is { Source.Length: > 0, Destination.Length: > 0 } ? mount : throw new FormatException("a mount without a source or destination");
    }
}
