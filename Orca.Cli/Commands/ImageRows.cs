using System.Globalization;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>The rows of <c>orca images</c> with docker's and podman's names of the fields, for templates: one row for each name of an image.</summary>
internal static class ImageRows
{
    private const string None = "<none>";

    /// <summary>Docker's headings.</summary>
    public static readonly Dictionary<string, string> Headings = new(StringComparer.OrdinalIgnoreCase) { ["ID"] = "IMAGE ID", ["CreatedSince"] = "CREATED" };

    /// <summary>Writes the rows.</summary>
    /// <param name="writer">Takes them.</param>
    /// <param name="images">The images, each with the names that are to be shown.</param>
    /// <param name="shared">How much of each is shared.</param>
    /// <param name="now">The time.</param>
    /// <param name="whole">True: digests are not shortened.</param>
    public static void Write(Utf8JsonWriter writer, IEnumerable<StoredImage> images, Dictionary<Digest, long> shared, DateTimeOffset now, bool whole)
    {
        writer.WriteStartArray();
        foreach (var image in images)
        {
            foreach (var reference in image.References.Count == 0 ? [null] : image.References.Select(static name => (ImageReference?)name))
            {
                Write(writer, image, reference, shared.GetValueOrDefault(image.Digest), now, whole);
            }
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, StoredImage image, ImageReference? reference, long shared, DateTimeOffset now, bool whole)
    {
        var created = ImageFilter.CreatedAt(image);
        writer.WriteStartObject();
        writer.WriteString("ID", whole ? image.Digest.ToString() : image.Digest.Abbreviated);
        writer.WriteString("Repository", reference is null ? None : RepositoryOf(reference));
        writer.WriteString("Tag", reference?.Tag ?? None);
        writer.WriteString("Digest", image.Digest.ToString());
        JsonOutput.WriteStrings(writer, "Names", image.References.Select(static name => name.Familiar));
        writer.WriteString("CreatedAt", created.ToString("yyyy-MM-dd HH:mm:ss zz'00' 'UTC'", CultureInfo.InvariantCulture));
        writer.WriteString("CreatedSince", Amount.Ago(now - created));
        writer.WriteNumber("Created", created.ToUnixTimeSeconds());
        writer.WriteString("Size", Amount.Bytes(image.Size));
        writer.WriteString("VirtualSize", Amount.Bytes(image.Size));
        writer.WriteString("SharedSize", Amount.Bytes(shared));
        writer.WriteString("UniqueSize", Amount.Bytes(image.Size - shared));
        writer.WriteString("Containers", "N/A");
        writer.WriteString("Platform", image.Config.Platform.ToString());
        writer.WriteBoolean("ReadOnly", image.Store is not null);
        writer.WriteString("Store", image.Store ?? string.Empty);
        writer.WriteEndObject();
    }

    /// <summary>The name without its tag and digest, as docker shortens it.</summary>
    internal static string RepositoryOf(ImageReference reference)
    {
        var name = reference.Familiar;
        name = name.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? name[..at] : name;
        return reference.Tag is { } tag && name.EndsWith(":" + tag, StringComparison.Ordinal) ? name[..^(tag.Length + 1)] : name;
    }
}
