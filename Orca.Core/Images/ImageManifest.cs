namespace Orca.Core.Images;

/// <summary>One image for one platform: its config and its layers, base first.</summary>
/// <remarks>Source: OCI image-spec, manifest.md.</remarks>
public sealed record ImageManifest
{
    /// <summary>Points to the image config.</summary>
    public required Descriptor Config { get; init; }

    /// <summary>Points to the layers, base first; as many as the config has diff ids.</summary>
    public required IReadOnlyList<Descriptor> Layers { get; init; }
}
