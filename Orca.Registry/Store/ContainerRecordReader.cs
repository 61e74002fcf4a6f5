using System.Text.Json;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>Reads what <see cref="ContainerRecordWriter"/> wrote; fields that it does not know are skipped.</summary>
internal static class ContainerRecordReader
{
    internal const int MaxLength = 16 << 20;

    /// <summary>Null when the bytes are no whole record.</summary>
    internal static (ContainerRecord Record, bool IsKept)? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? ReadRecord(ref reader) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ReferenceException)
        {
            return null;
        }
    }

    private static (ContainerRecord Record, bool IsKept)? ReadRecord(ref Utf8JsonReader reader)
    {
        string? name = null, image = null, digestText = null;
        DateTimeOffset? created = null;
        RunOptions? options = null;
        var isKept = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "kept":
                    isKept = reader.GetBoolean();
                    break;
                case "name":
                    name = reader.GetString();
                    break;
                case "image":
                    image = reader.GetString();
                    break;
                case "imageDigest":
                    digestText = reader.GetString();
                    break;
                case "created":
                    created = reader.GetDateTimeOffset();
                    break;
                case "options":
                    options = RunOptions.Read(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && name is not null && created is { } at && options is not null
            && ImageReference.TryParse(image, out var reference) && Digest.TryParse(digestText, out var digest)
            ? (new ContainerRecord { Name = name, Image = reference, ImageDigest = digest, Created = at, Options = options }, isKept) : null;
    }
}
