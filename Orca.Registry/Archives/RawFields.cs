using System.Text.Json;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Archives;

/// <summary>The fields of an image config as they stand there, so that what is not changed is written again to the byte.</summary>
internal static class RawFields
{
    /// <summary>Reads the name of each field of an object, and where its value lies.</summary>
    /// <param name="json">The object.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <exception cref="Core.Errors.ContentException">The object is malformed.</exception>
    internal static List<(string Name, Range Value)> Read(byte[] json, string failure) =>
        JsonDocumentReader.Read(json, DocumentLimits.Stored, failure, "the image config", static (ref Utf8JsonReader reader) => ReadFields(ref reader));

    /// <summary>Writes the fields, but for those that are written in another way.</summary>
    /// <remarks>Go's tools read names in any case: who chooses by name has to ignore it.</remarks>
    internal static void Copy(Utf8JsonWriter writer, byte[] json, List<(string Name, Range Value)> fields, Func<string, bool> isReplaced)
    {
        foreach (var (name, value) in fields)
        {
            if (!isReplaced(name))
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(json.AsSpan(value), skipInputValidation: true);
            }
        }
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
