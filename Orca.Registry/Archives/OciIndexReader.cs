using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Archives;

/// <summary>One line of an OCI layout's <c>index.json</c>.</summary>
/// <param name="Descriptor">The manifest or index that it points to.</param>
/// <param name="ImageName">Its annotation <c>io.containerd.image.name</c>.</param>
/// <param name="RefName">Its annotation <c>org.opencontainers.image.ref.name</c>.</param>
internal sealed record OciIndexEntry(Descriptor Descriptor, string? ImageName, string? RefName);

/// <summary>Reads the <c>index.json</c> of an OCI layout with the annotations that name its images.</summary>
/// <remarks>Source: OCI image-spec, image-layout.md and annotations.md.</remarks>
internal static class OciIndexReader
{
    internal const string ImageNameKey = "io.containerd.image.name";
    internal const string RefNameKey = "org.opencontainers.image.ref.name";
    private const string Document = "its index.json";

    /// <exception cref="ContentException">It is no index.</exception>
    internal static IReadOnlyList<OciIndexEntry> Read(byte[] json, string failure, DocumentLimits limits)
    {
        var descriptors = ManifestReader.Read(json, contentType: null, failure, limits, Document).Index ?? throw new ContentException($"{failure}: its index.json is the manifest of one image");
        var names = JsonDocumentReader.Read(json, limits, failure, Document, static (ref Utf8JsonReader reader) => ReadNames(ref reader));
        return [.. descriptors.Zip(names, static (descriptor, name) => new OciIndexEntry(descriptor, name.ImageName, name.RefName))];
    }

    private static List<(string? ImageName, string? RefName)> ReadNames(ref Utf8JsonReader reader)
    {
        List<(string?, string?)> names = [];
        while (NextField(ref reader))
        {
            if (!IsField(ref reader, "manifests"u8))
            {
                SkipValue(ref reader);
                continue;
            }

            names = []; // the last of two equal fields counts, as for the descriptors
            if (EnterArray(ref reader, "manifests"))
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    names.Add(ReadEntry(ref reader));
                }
            }
        }

        return names;
    }

    private static (string?, string?) ReadEntry(ref Utf8JsonReader reader)
    {
        string? imageName = null, refName = null;
        while (NextField(ref reader))
        {
            if (!IsField(ref reader, "annotations"u8))
            {
                SkipValue(ref reader);
                continue;
            }

            if (!EnterObject(ref reader, "annotations"))
            {
                (imageName, refName) = (null, null);
            }
            else
            {
                while (NextField(ref reader))
                {
                    if (reader.ValueTextEquals(ImageNameKey))
                    {
                        imageName = ReadString(ref reader, ImageNameKey);
                    }
                    else if (reader.ValueTextEquals(RefNameKey))
                    {
                        refName = ReadString(ref reader, RefNameKey);
                    }
                    else
                    {
                        SkipValue(ref reader);
                    }
                }
            }
        }

        return (imageName, refName);
    }
}
