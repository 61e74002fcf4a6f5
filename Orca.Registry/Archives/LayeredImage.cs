using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>A tree as the second layer over a stored image, whose tree is the first.</summary>
internal sealed class LayeredImage(FlatImage lower, TreeImage upper) : LocalImage([])
{
    internal override Stream OpenLayer(Descriptor layer) => layer.Digest == lower.Layer.Digest ? lower.OpenLayer() : upper.OpenLayer(layer);

    protected override ImageContent Read(Platform platform, CancellationToken cancellationToken)
    {
        var config = ConfigRewriter.Extend(lower.Config, [lower.Layer.Digest, upper.DiffId], "cannot build the image");
        var descriptor = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Hash(config), Size = config.Length };
        var manifest = new ImageManifest { Config = descriptor, Layers = [lower.Layer, upper.Layer] };
        var bytes = ManifestWriter.Write(manifest);
        return new ImageContent
        {
            Digest = Hash(bytes),
            ManifestBytes = bytes,
            Manifest = manifest,
            ConfigBytes = config,
            Config = ImageConfigReader.Read(config, "cannot build the image", DocumentLimits.Stored),
        };
    }
}
