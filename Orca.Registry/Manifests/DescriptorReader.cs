using System.Text.Json;
using Orca.Core.Images;
using Orca.Core.References;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Manifests;

/// <summary>Reads descriptors inside manifests and indexes.</summary>
/// <remarks>
/// <c>urls</c> is not read: content always comes from the registry, never from an address that the image names (CVE-2020-15157).
/// <c>data</c> is checked against digest and size, then fetched like everything else.
/// </remarks>
internal static class DescriptorReader
{
    private const int MaxDescriptors = 4096;

    /// <summary>Reads the field's value, a descriptor or null, over what an earlier field of the same name said.</summary>
    internal static void ReadField(ref Utf8JsonReader reader, string field, ref DescriptorFields? fields)
    {
        if (EnterObject(ref reader, field))
        {
            var known = fields.GetValueOrDefault();
            ReadObject(ref reader, ref known);
            fields = known;
        }
    }

    /// <summary>The field's value, an array of descriptors or null.</summary>
    internal static IReadOnlyList<Descriptor>? ReadList(ref Utf8JsonReader reader, string field)
    {
        if (!EnterArray(ref reader, field))
        {
            return null;
        }

        var list = new List<Descriptor>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new MalformedException($"has an entry in '{field}' that is not an object");
            }

            if (list.Count == MaxDescriptors)
            {
                throw new MalformedException($"has more entries in '{field}' than the limit of {MaxDescriptors}");
            }

            var fields = default(DescriptorFields);
            ReadObject(ref reader, ref fields);
            list.Add(fields.Build(field));
        }

        return list;
    }

    private static void ReadObject(ref Utf8JsonReader reader, ref DescriptorFields fields)
    {
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "mediaType"u8))
            {
                fields.MediaType = ReadString(ref reader, "mediaType") ?? fields.MediaType;
            }
            else if (IsField(ref reader, "artifactType"u8))
            {
                fields.ArtifactType = ReadString(ref reader, "artifactType") ?? fields.ArtifactType;
            }
            else if (IsField(ref reader, "digest"u8))
            {
                fields.Digest = ReadString(ref reader, "digest") ?? fields.Digest;
            }
            else if (IsField(ref reader, "size"u8))
            {
                fields.Size = ReadInteger(ref reader, "size") ?? fields.Size;
            }
            else if (IsField(ref reader, "platform"u8))
            {
                fields.Platform = EnterObject(ref reader, "platform") ? ReadPlatform(ref reader, fields.Platform) : null;
            }
            else if (IsField(ref reader, "data"u8))
            {
                fields.Data = ReadData(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static Platform ReadPlatform(ref Utf8JsonReader reader, Platform? known)
    {
        var (os, architecture, variant) = (known?.Os, known?.Architecture, known?.Variant);
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "os"u8))
            {
                os = ReadString(ref reader, "os") ?? os;
            }
            else if (IsField(ref reader, "architecture"u8))
            {
                architecture = ReadString(ref reader, "architecture") ?? architecture;
            }
            else if (IsField(ref reader, "variant"u8))
            {
                variant = ReadString(ref reader, "variant") ?? variant;
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return new Platform(os ?? "unknown", architecture ?? "unknown", string.IsNullOrEmpty(variant) ? null : variant);
    }

    private static byte[]? ReadData(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String when reader.TryGetBytesFromBase64(out var data) => data,
            _ => throw new MalformedException("has a field 'data' that is not base64"),
        };
    }
}
