using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Manifests;

/// <summary>Reads image manifests and indexes, OCI's and Docker's.</summary>
/// <remarks>
/// Sources: OCI image-spec, manifest.md and image-index.md; Docker image manifest v2, schema 2. What a document is, its shape decides; the media types
/// that it and its server claim must agree, and one that could be read both ways is refused (CVE-2021-41190).
/// </remarks>
internal static class ManifestReader
{
    private const string DefaultFailure = "cannot read the image";

    /// <summary>Reads a manifest or an index.</summary>
    /// <param name="json">The document.</param>
    /// <param name="contentType">The media type that its server claims, without parameters; null when it makes no such claim.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <param name="limits">How large it may be; null for what holds when nobody says anything.</param>
    /// <param name="document">What the document is called in an error message.</param>
    /// <exception cref="ContentException">The document is neither, is ambiguous, or is not a container image.</exception>
    internal static ManifestDocument Read(ReadOnlySpan<byte> json, string? contentType = null, string failure = DefaultFailure, DocumentLimits? limits = null, string document = "the manifest")
    {
        var fields = JsonDocumentReader.Read(json, limits ?? DocumentLimits.Default, failure, document, static (ref Utf8JsonReader reader) => ReadFields(ref reader));
        ContentException Refuse(string cause) => new($"{failure}: {cause}");

        if (fields.Problem(contentType) is { } problem)
        {
            throw Refuse(problem);
        }

        if (fields.Manifests is { } manifests)
        {
            return new ManifestDocument(null, manifests);
        }

        if (fields is not { Config: { } config, Layers: { } layers })
        {
            throw Refuse($"{document} has no config or no layers");
        }

        return new ManifestDocument(new ImageManifest { Config = config, Layers = layers }, null);
    }

    /// <summary>Reads an image manifest.</summary>
    /// <exception cref="ContentException">The document is not an image manifest.</exception>
    internal static ImageManifest ReadManifest(ReadOnlySpan<byte> json, DocumentLimits? limits = null) =>
        Read(json, limits: limits).Image ?? throw new ContentException($"{DefaultFailure}: the manifest is an index of images");

    /// <summary>Reads an index.</summary>
    /// <exception cref="ContentException">The document is not an index.</exception>
    internal static IReadOnlyList<Descriptor> ReadIndex(ReadOnlySpan<byte> json) =>
        Read(json).Index ?? throw new ContentException($"{DefaultFailure}: the index is the manifest of one image");

    private static ManifestFields ReadFields(ref Utf8JsonReader reader)
    {
        var fields = default(ManifestFields);
        DescriptorFields? config = null;
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "schemaVersion"u8))
            {
                fields.SchemaVersion = ReadInteger(ref reader, "schemaVersion") ?? fields.SchemaVersion;
            }
            else if (IsField(ref reader, "mediaType"u8))
            {
                fields.MediaType = ReadString(ref reader, "mediaType") ?? fields.MediaType;
            }
            else if (IsField(ref reader, "artifactType"u8))
            {
                fields.ArtifactType = ReadString(ref reader, "artifactType") ?? fields.ArtifactType;
            }
            else if (IsField(ref reader, "config"u8))
            {
                DescriptorReader.ReadField(ref reader, "config", ref config);
            }
            else if (IsField(ref reader, "layers"u8))
            {
                fields.Layers = DescriptorReader.ReadList(ref reader, "layers");
            }
            else if (IsField(ref reader, "manifests"u8))
            {
                fields.Manifests = DescriptorReader.ReadList(ref reader, "manifests");
            }
            else
            {
                fields.HasSchema1Layers |= IsField(ref reader, "fsLayers"u8);
                SkipValue(ref reader);
            }
        }

        fields.Config = config?.Build("config");
        return fields;
    }
}

/// <summary>A document of a registry, read: one of the two is there.</summary>
/// <param name="Image">One image's manifest.</param>
/// <param name="Index">The images to choose from.</param>
internal sealed record ManifestDocument(ImageManifest? Image, IReadOnlyList<Descriptor>? Index);
