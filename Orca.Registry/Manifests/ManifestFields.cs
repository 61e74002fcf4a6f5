using Orca.Core.Errors;
using Orca.Core.Images;

namespace Orca.Registry.Manifests;

/// <summary>The top level of a manifest or an index, and the rules that its fields must keep together.</summary>
internal struct ManifestFields
{
    private const string Schema1 = "application/vnd.docker.distribution.manifest.v1+";

    internal long? SchemaVersion;
    internal string? MediaType;
    internal string? ArtifactType;
    internal Descriptor? Config;
    internal IReadOnlyList<Descriptor>? Layers;
    internal IReadOnlyList<Descriptor>? Manifests;
    internal bool HasSchema1Layers;

    /// <summary>The first rule that is broken, said for people; null when all hold.</summary>
    internal readonly string? Problem(string? contentType)
    {
        if (SchemaVersion == 1 || HasSchema1Layers || IsSchema1(MediaType) || IsSchema1(contentType))
        {
            return "its manifest is of Docker's schema 1, which is not supported (build and push the image anew)";
        }

        if (Manifests is not null && (Config is not null || Layers is not null))
        {
            return "its manifest is ambiguous: it has both 'manifests' and 'config' or 'layers'";
        }

        // A claim must be borne out by the shape; who makes none, or a general one such as text/plain, is judged by the shape alone.
        if (MediaType is { Length: > 0 } && KindOf(MediaType) is null)
        {
            return NotAnImage(ArtifactType ?? MediaType);
        }

        if (contentType?.StartsWith("application/vnd.", StringComparison.Ordinal) == true && !MayBeManifest(contentType))
        {
            return NotAnImage(contentType);
        }

        if (KindOf(contentType) is not null && MediaType is { Length: > 0 } && MediaType != contentType)
        {
            return $"the server calls the manifest '{Quoted.Text(contentType!)}', the manifest calls itself '{Quoted.Text(MediaType)}'";
        }

        var claim = KindOf(MediaType) ?? KindOf(contentType);
        if (Manifests is not null)
        {
            return claim == Kind.Image ? "its manifest is ambiguous: called an image manifest, it has 'manifests'" : null;
        }

        if (Config is null && Layers is null)
        {
            return ArtifactType is not null ? NotAnImage(ArtifactType) : "the answer is neither an image manifest nor an index";
        }

        if (claim == Kind.Index)
        {
            return "its manifest is ambiguous: called an index, it has 'config' or 'layers'";
        }

        return Config is not null && !IsImageConfig(Config.MediaType) ? NotAnImage(ArtifactType ?? Config.MediaType)
            : Layers?.FirstOrDefault(layer => !IsLayer(layer.MediaType)) is { } layer ? $"not a container image: it has a layer of type '{Quoted.Text(layer.MediaType)}'"
            : null;
    }

    private enum Kind
    {
        Image,
        Index,
    }

    private static Kind? KindOf(string? mediaType) => mediaType switch
    {
        MediaTypes.OciManifest or MediaTypes.DockerManifest => Kind.Image,
        MediaTypes.OciIndex or MediaTypes.DockerList => Kind.Index,
        _ => null,
    };

    /// <summary>True for the media type of a manifest or an index, and for none and the general ones, which claim nothing.</summary>
    internal static bool MayBeManifest(string mediaType) =>
        KindOf(mediaType) is not null || IsSchema1(mediaType) || mediaType is "" or "application/json" or "application/octet-stream" or "text/plain";

    internal static string NotAnImage(string type) => $"not a container image: type '{Quoted.Text(type)}'";

    private static bool IsSchema1(string? mediaType) => mediaType?.StartsWith(Schema1, StringComparison.Ordinal) == true;

    /// <summary>The two real types, and the general ones that old tools wrote (distribution issue 1621); the config's content decides then.</summary>
    private static bool IsImageConfig(string mediaType) =>
        mediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig or "application/octet-stream" or "application/json" or "";

    /// <summary>Any archive, whatever its compression: its first bytes decide. Encrypted ones cannot be read.</summary>
    private static bool IsLayer(string mediaType) => mediaType is "" or "application/octet-stream"
        || (mediaType.Contains("tar", StringComparison.Ordinal) && !mediaType.EndsWith("+encrypted", StringComparison.Ordinal));
}
