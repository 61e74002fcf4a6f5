using System.Text.Json;

namespace Orca.Core.Containers;

/// <summary>What the container sees of files beside those of its image, and where its changes go.</summary>
public sealed record FilesOptions
{
    /// <summary>Host files and directories that appear inside.</summary>
    public IReadOnlyList<BindMount> Mounts { get; init; } = [];

    /// <summary>Empty file systems in memory.</summary>
    public IReadOnlyList<TemporaryMount> TemporaryMounts { get; init; } = [];

    /// <summary>The root cannot be written; mounts, /dev and what is made in memory can.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>Keep the changes to the root in memory, at most so many bytes; 0 for as many as the kernel allows a tmpfs. Null: on the disk. Only for a container without a name.</summary>
    public long? ChangesInMemory { get; init; }

    /// <summary>Returns these options where <paramref name="later"/> does not say otherwise; mounts add up.</summary>
    public FilesOptions OverriddenBy(FilesOptions later) => new()
    {
        Mounts = [.. Mounts.Where(mount => !later.Covers(mount.Destination)), .. later.Mounts],
        TemporaryMounts = [.. TemporaryMounts.Where(mount => !later.Covers(mount.Destination)), .. later.TemporaryMounts],
        ReadOnly = later.ReadOnly ?? ReadOnly,
        ChangesInMemory = later.ChangesInMemory ?? ChangesInMemory,
    };

    internal void Write(Utf8JsonWriter writer)
    {
        if (Mounts.Count > 0)
        {
            writer.WriteStartArray("mounts"u8);
            foreach (var mount in Mounts)
            {
                mount.Write(writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteField("tmpfs"u8, TemporaryMounts);
        writer.WriteField("readOnly"u8, ReadOnly);
        writer.WriteField("changesInMemory"u8, ChangesInMemory);
    }

    /// <summary>Returns the options with this field of a record; null where it is not one of theirs.</summary>
    internal FilesOptions? Read(string field, ref Utf8JsonReader reader) => field switch
    {
        "mounts" => this with { Mounts = ReadMounts(ref reader) },
        "tmpfs" => this with { TemporaryMounts = reader.ReadTexts().ConvertAll(TemporaryMount.Parse) },
        "readOnly" => this with { ReadOnly = reader.GetBoolean() },
        "changesInMemory" => this with { ChangesInMemory = reader.GetInt64() },
        _ => null,
    };

    private static List<BindMount> ReadMounts(ref Utf8JsonReader reader)
    {
        var mounts = new List<BindMount>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            mounts.Add(BindMount.Read(ref reader));
        }

        return mounts;
    }

    /// <summary>Whether one of the mounts takes this place inside.</summary>
    private bool Covers(string destination)
    {
        var place = CleanPath.Of(destination);
        return Mounts.Any(mount => CleanPath.Of(mount.Destination) == place) || TemporaryMounts.Any(mount => CleanPath.Of(mount.Destination) == place);
    }
}
