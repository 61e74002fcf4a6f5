using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>A plain tree as an image of one layer: the same tree and the same defaults make the same image.</summary>
/// <param name="layer">What the layer is.</param>
/// <param name="diffId">The digest of its uncompressed bytes.</param>
/// <param name="open">Opens it at its first byte; the stream can go back there.</param>
/// <param name="defaults">What the image says about running it; null for a shell.</param>
internal sealed class TreeImage(Descriptor layer, Digest diffId, Func<Stream> open, ImageConfig? defaults) : LocalImage([])
{
    /// <summary>A tree says nothing about how it is run; a shell is what people want of it.</summary>
    private static readonly string[] s_shell = ["/bin/sh"];

    internal Descriptor Layer => layer;

    internal Digest DiffId => diffId;

    internal override Stream OpenLayer(Descriptor layer) => open();

    protected override ImageContent Read(Platform platform, CancellationToken cancellationToken)
    {
        var config = (defaults ?? new ImageConfig { Platform = platform, DiffIds = [] }) with { Platform = platform, DiffIds = [diffId] };
        config = config is { Entrypoint: null, Cmd: null } ? config with { Cmd = s_shell } : config;
        var configBytes = ManifestWriter.WriteConfig(config, diffId);
        var manifest = new ImageManifest { Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Hash(configBytes), Size = configBytes.Length }, Layers = [layer] };
        var bytes = ManifestWriter.Write(manifest);
        return new ImageContent { Digest = Hash(bytes), ManifestBytes = bytes, Manifest = manifest, ConfigBytes = configBytes, Config = config };
    }
}
