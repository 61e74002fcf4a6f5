using System.Globalization;
using System.Text.Json;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Archives;

/// <summary>Makes the config of a flattened image from that of the image it was: everything that says how it is run stays as it is, to the byte.</summary>
internal static class ConfigRewriter
{
    /// <exception cref="Core.Errors.ContentException">The config is malformed.</exception>
    internal static byte[] Rewrite(byte[] config, Digest diffId, string failure)
    {
        var fields = JsonDocumentReader.Read(config, DocumentLimits.Stored, failure, "the image config", static (ref Utf8JsonReader reader) => ReadFields(ref reader));
        var before = ImageConfigReader.Read(config, failure, DocumentLimits.Stored);
        return ManifestWriter.Json(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                // Go's tools read names in any case, and of two the last: theirs must be ours.
                if (!name.Equals("rootfs", StringComparison.OrdinalIgnoreCase) && !name.Equals("history", StringComparison.OrdinalIgnoreCase))
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(config.AsSpan(value), skipInputValidation: true);
                }
            }

            ManifestWriter.WriteRootfs(writer, diffId);
            WriteHistory(writer, before);
            writer.WriteEndObject();
        });
    }

    private static void WriteHistory(Utf8JsonWriter writer, ImageConfig before)
    {
        writer.WriteStartArray("history");
        writer.WriteStartObject();
        if (before.Created is { } created)
        {
            writer.WriteString("created", created);
        }

        writer.WriteString("created_by", "orca save");
        writer.WriteString("comment", string.Create(CultureInfo.InvariantCulture, $"flattened from {before.DiffIds.Count} layer{(before.DiffIds.Count == 1 ? string.Empty : "s")}"));
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static List<(string Name, Range Value)> ReadFields(ref Utf8JsonReader reader)
    {
        var fields = new List<(string, Range)>();
        while (NextField(ref reader))
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            SkipValue(ref reader);
            fields.Add((name, start..(int)reader.BytesConsumed));
        }

        return fields;
    }
}
