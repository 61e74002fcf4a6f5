using System.Security.Cryptography;
using System.Text.Json;
using Orca.Core.Errors;
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

    /// <summary>The field's value, a descriptor or null.</summary>
    internal static Descriptor? ReadField(ref Utf8JsonReader reader, string field) =>
        EnterObject(ref reader, field) ? ReadObject(ref reader, field) : null;

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

            list.Add(ReadObject(ref reader, field));
        }

        return list;
    }

    private static Descriptor ReadObject(ref Utf8JsonReader reader, string field)
    {
        string? mediaType = null, digestText = null, artifactType = null;
        long? size = null;
        byte[]? data = null;
        Platform? platform = null;
        while (NextField(ref reader))
        {
            if (reader.ValueTextEquals("mediaType"u8))
            {
                mediaType = ReadString(ref reader, "mediaType");
            }
            else if (reader.ValueTextEquals("artifactType"u8))
            {
                artifactType = ReadString(ref reader, "artifactType");
            }
            else if (reader.ValueTextEquals("digest"u8))
            {
                digestText = ReadString(ref reader, "digest");
            }
            else if (reader.ValueTextEquals("size"u8))
            {
                size = ReadInteger(ref reader, "size");
            }
            else if (reader.ValueTextEquals("platform"u8))
            {
                platform = EnterObject(ref reader, "platform") ? ReadPlatform(ref reader) : null;
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                data = ReadData(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        var digest = digestText is null ? throw new MalformedException($"has a descriptor without a digest in '{field}'")
            : Digest.TryParse(digestText, out var parsed) ? parsed
            : throw new MalformedException($"has '{Quoted.Text(digestText)}' in '{field}', which is not a digest of sha256 or sha512");
        var bytes = size is >= 0 ? size.Value
            : throw new MalformedException(size is null ? $"does not say the size of '{digest}'" : $"gives '{digest}' a negative size");
        if (data is not null && (data.Length != bytes || !Matches(data, digest)))
        {
            throw new MalformedException($"holds data for '{digest}' that do not match its digest and size");
        }

        return new Descriptor { MediaType = mediaType ?? string.Empty, Digest = digest, Size = bytes, Platform = platform, ArtifactType = artifactType is { Length: > 0 } ? artifactType : null };
    }

    private static Platform ReadPlatform(ref Utf8JsonReader reader)
    {
        string? os = null, architecture = null, variant = null;
        while (NextField(ref reader))
        {
            if (reader.ValueTextEquals("os"u8))
            {
                os = ReadString(ref reader, "os");
            }
            else if (reader.ValueTextEquals("architecture"u8))
            {
                architecture = ReadString(ref reader, "architecture");
            }
            else if (reader.ValueTextEquals("variant"u8))
            {
                variant = ReadString(ref reader, "variant");
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

    private static bool Matches(byte[] data, Digest digest) => digest == (digest.Algorithm == "sha512"
        ? Digest.OfSha512(SHA512.HashData(data))
        : Digest.OfSha256(SHA256.HashData(data)));
}
