using System.Globalization;
using System.Text.Json;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>Makes the config of a committed image from that of the container's image: one more layer, one more step of its history, and run as the container is.</summary>
internal static class CommitConfig
{
    private static readonly string[] s_replaced = ["rootfs", "history", "created"];

    /// <summary>Returns the config.</summary>
    /// <param name="config">That of the image below.</param>
    /// <param name="diffIds">The layers of the new image.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="process">How the container runs its command.</param>
    /// <param name="now">When the image is made.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <exception cref="Core.Errors.ContentException">The config is malformed.</exception>
    internal static byte[] Write(byte[] config, IReadOnlyList<Digest> diffIds, CommitRequest request, ProcessOptions process, DateTimeOffset now, string failure)
    {
        var before = ImageConfigReader.Read(config, failure, DocumentLimits.Stored);
        config = ConfigChanger.Change(config, OfContainer(before, process), failure);
        config = request.Changes is { } changes ? ConfigChanger.Change(config, changes, failure) : config;
        var fields = RawFields.Read(config, failure);
        var history = HistoryReader.Read(config, failure);
        var created = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        return ManifestWriter.Json(writer =>
        {
            writer.WriteStartObject();
            RawFields.Copy(writer, config, fields, name => s_replaced.Contains(name, StringComparer.OrdinalIgnoreCase)
                || (request.Author is not null && name.Equals("author", StringComparison.OrdinalIgnoreCase)));
            writer.WriteString("created", created);
            WriteText(writer, "author", request.Author);
            ManifestWriter.WriteRootfs(writer, [.. diffIds]);
            writer.WriteStartArray("history");
            foreach (var entry in history)
            {
                writer.WriteRawValue(entry.Raw);
            }

            // Tools count the steps that made a layer; where the image told fewer, the last one would be another layer's.
            for (var told = history.Count(static entry => !entry.IsEmpty); told < diffIds.Count - 1; told++)
            {
                writer.WriteStartObject();
                WriteText(writer, "created", before.Created);
                writer.WriteEndObject();
            }

            writer.WriteStartObject();
            writer.WriteString("created", created);
            WriteText(writer, "author", request.Author);
            writer.WriteString("created_by", "orca commit " + request.Container);
            WriteText(writer, "comment", request.Message);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>What the container's options say about its command; null where they say nothing.</summary>
    private static ImageConfig OfContainer(ImageConfig before, ProcessOptions process)
    {
        var entrypoint = process.Entrypoint is [""] ? [] : process.Entrypoint;
        return new ImageConfig
        {
            Platform = before.Platform,
            DiffIds = [],
            Env = process.Env,
            Entrypoint = entrypoint,
            Cmd = process.Command.Count > 0 ? process.Command : null,
            User = process.User,
            WorkingDir = process.WorkingDirectory,
            StopSignal = process.StopSignal?.ToString(),
        };
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }
}
