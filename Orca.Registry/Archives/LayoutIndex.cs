using System.Text.Json;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>Writes the documents that tell what is in an archive: OCI's index.json and Docker's manifest.json.</summary>
internal static class LayoutIndex
{
    /// <summary>A line for each name, with the annotations by which podman, nerdctl and Docker know them.</summary>
    internal static byte[] Write(IReadOnlyList<(FlatImage Image, IReadOnlyList<ImageReference> Names)> images) => ManifestWriter.Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciIndex);
        writer.WriteStartArray("manifests");
        foreach (var (image, names) in images)
        {
            foreach (var name in names.Count > 0 ? names.Cast<ImageReference?>() : [null])
            {
                writer.WriteStartObject();
                ManifestWriter.WriteFields(writer, image.Descriptor);
                if (name is not null)
                {
                    writer.WriteStartObject("annotations");
                    writer.WriteString(OciIndexReader.ImageNameKey, name.ToString());
                    writer.WriteString(OciIndexReader.RefNameKey, name.Tag);
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    internal static byte[] WriteDocker(IReadOnlyList<(FlatImage Image, IReadOnlyList<ImageReference> Names)> images, ArchiveNames files) => ManifestWriter.Json(writer =>
    {
        writer.WriteStartArray();
        foreach (var (image, names) in images)
        {
            writer.WriteStartObject();
            writer.WriteString("Config", files.Config(image));
            WriteStrings(writer, "RepoTags", names.Select(static name => name.Familiar));
            WriteStrings(writer, "Layers", [files.Layer(image)]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static void WriteStrings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
