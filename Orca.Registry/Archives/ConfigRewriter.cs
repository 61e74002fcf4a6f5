using System.Globalization;
using System.Text.Json;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>Makes the config of a flattened image from that of the image it was: everything that says how it is run stays as it is, to the byte.</summary>
internal static class ConfigRewriter
{
    /// <exception cref="Core.Errors.ContentException">The config is malformed.</exception>
    internal static byte[] Rewrite(byte[] config, Digest diffId, string failure)
    {
        var fields = RawFields.Read(config, failure);
        var before = ImageConfigReader.Read(config, failure, DocumentLimits.Stored);
        return ManifestWriter.Json(writer =>
        {
            writer.WriteStartObject();
            // Of two fields of one name Go's tools take the last: theirs must be ours.
            RawFields.Copy(writer, config, fields, IsOfLayers);
            ManifestWriter.WriteRootfs(writer, diffId);
            WriteHistory(writer, before);
            writer.WriteEndObject();
        });
    }

    /// <summary>Returns the config of an image with more layers. Its history would not tell their number, and is left out.</summary>
    /// <exception cref="Core.Errors.ContentException">The config is malformed.</exception>
    internal static byte[] Extend(byte[] config, Digest[] diffIds, string failure)
    {
        var fields = RawFields.Read(config, failure);
        return ManifestWriter.Json(writer =>
        {
            writer.WriteStartObject();
            RawFields.Copy(writer, config, fields, IsOfLayers);
            ManifestWriter.WriteRootfs(writer, diffIds);
            writer.WriteEndObject();
        });
    }

    /// <summary>Whether a field tells of layers. Its name counts in any case, as for Go's tools.</summary>
    private static bool IsOfLayers(string name) => name.Equals("rootfs", StringComparison.OrdinalIgnoreCase) || name.Equals("history", StringComparison.OrdinalIgnoreCase);

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
}
