using System.Buffers;
using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Layers.Compression;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>Opens the images of a Docker archive by its <c>manifest.json</c>.</summary>
internal static class DockerArchive
{
    /// <exception cref="ContentException">The archive's own description is wrong.</exception>
    internal static IReadOnlyList<LocalImage> Open(ArchiveFiles files)
    {
        var manifest = files.TryRead(TarIndex.DockerManifest, files.Documents.Bytes) ?? throw files.Refuse("it has no manifest.json");
        return [.. DockerManifestReader.Read(manifest, files.Failure, files.Documents).Select(entry => new DockerImage(files, entry) { UnusableNames = ImageNames.UnusableTags(entry.Tags) })];
    }
}

/// <summary>One image of a Docker archive. It has no manifest of its own, so one is made of its config and its layers; the config's digest stays.</summary>
internal sealed class DockerImage(ArchiveFiles files, DockerManifestEntry entry) : LocalImage(ImageNames.OfTags(entry.Tags))
{
    private readonly Dictionary<Digest, string> _layers = [];

    internal override string Transport => "docker-archive";

    internal override Stream OpenLayer(Descriptor layer) =>
        _layers.TryGetValue(layer.Digest, out var name) ? files.Open(name) : throw files.Refuse($"it has no layer {layer.Digest}");

    protected override ImageContent Read(Platform platform, CancellationToken cancellationToken)
    {
        var configBytes = files.TryRead(entry.Config, files.Documents.Bytes) ?? throw files.Refuse($"it has no config '{Quoted.Text(entry.Config)}'");
        var configDigest = Digest.OfSha256(SHA256.HashData(configBytes));
        if (DigestInName(entry.Config) is { } named && named != configDigest.Hex)
        {
            throw files.Refuse($"the config '{Quoted.Text(entry.Config)}' does not match its digest: it is '{configDigest}'");
        }

        var config = ImageConfigReader.Read(configBytes, files.Failure, files.Documents);
        if (!PlatformChooser.Runs(platform, config.Platform))
        {
            throw files.Refuse($"the image is for {Quoted.Text(config.Platform.ToString())}, not for {platform}");
        }

        if (config.DiffIds.Count != entry.Layers.Count)
        {
            throw files.Refuse($"manifest.json has {entry.Layers.Count} layers, the image config {config.DiffIds.Count}");
        }

        var layers = new List<Descriptor>();
        for (var i = 0; i < entry.Layers.Count; i++)
        {
            var layer = Describe(entry.Layers[i], config.DiffIds[i], cancellationToken);
            _layers.TryAdd(layer.Digest, entry.Layers[i]);
            layers.Add(layer);
        }

        var manifest = new ImageManifest { Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = configDigest, Size = configBytes.Length }, Layers = layers };
        var bytes = ManifestWriter.Write(manifest);
        return new ImageContent { Digest = Digest.OfSha256(SHA256.HashData(bytes)), ManifestBytes = bytes, Manifest = manifest, ConfigBytes = configBytes, Config = config };
    }

    /// <summary>A plain layer is what the config says it is, which is checked when it is read; only a compressed one has to be hashed to have a name.</summary>
    private Descriptor Describe(string name, Digest diffId, CancellationToken cancellationToken)
    {
        using var stream = files.Open(name);
        Span<byte> start = stackalloc byte[CompressionSniffer.LongestMagic];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        var type = Compression.TypeOf(start);
        if (type == MediaTypes.OciLayer)
        {
            return new Descriptor { MediaType = type, Digest = diffId, Size = stream.Length };
        }

        stream.Position = 0;
        var (digest, size) = DigestStream.Measure(stream, cancellationToken);
        return new Descriptor { MediaType = type, Digest = digest, Size = size };
    }

    /// <summary>The digest that tools write into the name: <c>HEX.json</c>, <c>sha256:HEX</c>, <c>blobs/sha256/HEX</c>.</summary>
    private static string? DigestInName(string name)
    {
        var text = name.EndsWith(".json", StringComparison.Ordinal) ? name[..^5] : name;
        return text.Length >= 64 && (text.Length == 64 || text[^65] is ':' or '/') && !text.AsSpan(text.Length - 64).ContainsAnyExcept(s_hex) ? text[^64..] : null;
    }

    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");
}
