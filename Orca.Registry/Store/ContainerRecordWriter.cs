using System.Buffers;
using System.Text.Json;
using Orca.Core.Containers;

namespace Orca.Registry.Store;

/// <summary>Writes what a container remembers as JSON; each concern of its options writes its own fields.</summary>
/// <remarks>
/// By hand and not by a generated serializer context: that brings the serializer into the program that starts containers, and what was tried cost
/// FIGURE of <c>dist/orca</c> and FIGURE of each start.
/// </remarks>
internal static class ContainerRecordWriter
{
    internal static ReadOnlySpan<byte> Write(ContainerRecord record, bool isKept)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, 1);
            writer.WriteBoolean("kept"u8, isKept);
            writer.WriteString("name"u8, record.Name);
            writer.WriteString("image"u8, record.Image.ToString());
            writer.WriteString("imageDigest"u8, record.ImageDigest.ToString());
            writer.WriteString("created"u8, record.Created);
            writer.WritePropertyName("options"u8);
            record.Options.Write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
