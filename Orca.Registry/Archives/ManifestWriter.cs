using System.Buffers;
using System.Text.Json;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>Writes the documents of images that have none: the same bytes for the same image.</summary>
/// <remarks>Sources: OCI image-spec, manifest.md and config.md.</remarks>
internal static class ManifestWriter
{
    /// <summary>An OCI image manifest.</summary>
    internal static byte[] Write(ImageManifest manifest) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciManifest);
        writer.WritePropertyName("config");
        Write(writer, manifest.Config);
        writer.WriteStartArray("layers");
        foreach (var layer in manifest.Layers)
        {
            Write(writer, layer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>A config for a tree of one layer.</summary>
    internal static byte[] WriteConfig(ImageConfig config, Digest diffId) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("architecture", config.Platform.Architecture);
        writer.WriteString("os", config.Platform.Os);
        if (config.Platform.Variant is { } variant)
        {
            writer.WriteString("variant", variant);
        }

        writer.WriteStartObject("config");
        WriteRun(writer, config);
        writer.WriteEndObject();
        WriteRootfs(writer, diffId);
        writer.WriteEndObject();
    });

    /// <summary>The fields that say how an image is run, without braces around them.</summary>
    internal static void WriteRun(Utf8JsonWriter writer, ImageConfig config)
    {
        WriteStrings(writer, "Env", config.Env.Count > 0 ? config.Env : null);
        WriteStrings(writer, "Entrypoint", config.Entrypoint);
        WriteStrings(writer, "Cmd", config.Cmd);
        WriteString(writer, "User", config.User);
        WriteString(writer, "WorkingDir", config.WorkingDir);
        WriteString(writer, "StopSignal", config.StopSignal);
    }

    /// <summary>The field <c>rootfs</c> of a config with these layers.</summary>
    internal static void WriteRootfs(Utf8JsonWriter writer, params ReadOnlySpan<Digest> diffIds)
    {
        writer.WriteStartObject("rootfs");
        writer.WriteString("type", "layers");
        writer.WriteStartArray("diff_ids");
        foreach (var diffId in diffIds)
        {
            writer.WriteStringValue(diffId.ToString());
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The fields of a descriptor, without braces around them.</summary>
    internal static void WriteFields(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteString("digest", descriptor.Digest.ToString());
        writer.WriteNumber("size", descriptor.Size);
    }

    /// <summary>One document.</summary>
    internal static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteStartObject();
        WriteFields(writer, descriptor);
        writer.WriteEndObject();
    }

    private static void WriteString(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, IReadOnlyList<string>? values)
    {
        if (values is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
