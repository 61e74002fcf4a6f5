using System.Text.Json;
using Orca.Core.Errors;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Archives;

/// <summary>One image as the <c>manifest.json</c> of a Docker archive lists it.</summary>
/// <param name="Config">The file of its config.</param>
/// <param name="Tags">Its names, unchecked.</param>
/// <param name="Layers">The files of its layers, base first.</param>
internal sealed record DockerManifestEntry(string Config, IReadOnlyList<string> Tags, IReadOnlyList<string> Layers);

/// <summary>Reads the <c>manifest.json</c> of a Docker archive: an array of images.</summary>
/// <remarks>Source: moby, image/spec v1.2, "Combined Image JSON + Filesystem Changeset Format".</remarks>
internal static class DockerManifestReader
{
    private const int MaxEntries = 4096;

    /// <exception cref="ContentException">It is no such document.</exception>
    internal static IReadOnlyList<DockerManifestEntry> Read(ReadOnlySpan<byte> json, string failure, DocumentLimits limits) =>
        JsonDocumentReader.Read(json, limits, failure, "its manifest.json", static (ref Utf8JsonReader reader) => ReadEntries(ref reader), JsonTokenType.StartArray);

    private static List<DockerManifestEntry> ReadEntries(ref Utf8JsonReader reader)
    {
        var entries = new List<DockerManifestEntry>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new MalformedException("has an entry that is not an object");
            }

            entries.Add(entries.Count < MaxEntries ? ReadEntry(ref reader) : throw new MalformedException($"has more images than the limit of {MaxEntries}"));
        }

        return entries;
    }

    private static DockerManifestEntry ReadEntry(ref Utf8JsonReader reader)
    {
        string? config = null;
        IReadOnlyList<string>? tags = null, layers = null;
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "Config"u8))
            {
                config = ReadString(ref reader, "Config") ?? config;
            }
            else if (IsField(ref reader, "RepoTags"u8))
            {
                tags = ReadStrings(ref reader, "RepoTags");
            }
            else if (IsField(ref reader, "Layers"u8))
            {
                layers = ReadStrings(ref reader, "Layers");
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return config is null || layers is null ? throw new MalformedException("has an image without 'Config' or 'Layers'")
            : layers.Contains(string.Empty) ? throw new MalformedException("has a layer without a name: such an archive holds the upper layers of an image only")
            : config.Length == 0 ? throw new MalformedException("has an image whose 'Config' has no name")
            : layers.Count > MaxEntries || tags?.Count > MaxEntries ? throw new MalformedException($"has more layers or names than the limit of {MaxEntries}")
            : new DockerManifestEntry(config, tags ?? [], layers);
    }
}
