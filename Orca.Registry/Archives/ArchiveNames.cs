using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>Where an archive keeps the parts of an image.</summary>
/// <param name="Config">The config.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Layer">The layer.</param>
internal sealed record ArchiveNames(Func<FlatImage, string> Config, Func<FlatImage, string> Manifest, Func<FlatImage, string> Layer)
{
    /// <summary>OCI image-spec, image-layout.md.</summary>
    internal static ArchiveNames Oci { get; } = new(
        static image => Blob(image.ConfigDigest), static image => Blob(image.Descriptor.Digest), static image => Blob(image.Layer.Digest));

    /// <summary>moby, image/spec v1.2; there is no manifest.</summary>
    internal static ArchiveNames Docker { get; } = new(
        static image => $"{image.ConfigDigest.Hex}.json", static image => throw new NotSupportedException(), static image => $"{image.Layer.Digest.Hex}/layer.tar");

    private static string Blob(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";
}
