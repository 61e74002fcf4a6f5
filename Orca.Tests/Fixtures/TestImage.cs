using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Tests.Fixtures;

/// <summary>An image made from tar archives: manifest, config and compressed layers whose digests all agree.</summary>
internal sealed class TestImage
{
    private TestImage(ImageContent content, IReadOnlyList<byte[]> archives, IReadOnlyDictionary<Digest, byte[]> blobs) =>
        (Content, Archives, Blobs) = (content, archives, blobs);

    public ImageContent Content { get; }

    /// <summary>The uncompressed layers, base first.</summary>
    public IReadOnlyList<byte[]> Archives { get; }

    /// <summary>The compressed layers.</summary>
    public IReadOnlyDictionary<Digest, byte[]> Blobs { get; }

    /// <summary>A tree with a few files; another <paramref name="text"/> makes another image.</summary>
    public static TestImage Small(string text = "hello") => Of(new TarBuilder().Dir("etc/").File("etc/motd", text).File("etc/passwd", "root:x:0:0::/root:/bin/sh\n").Build());

    public static TestImage Of(params byte[][] archives) => Make(archives, diffIds: null);

    /// <summary>Diff ids that need not be those of the archives.</summary>
    public static TestImage WithDiffIds(byte[][] archives, params Digest[] diffIds) => Make(archives, diffIds);

    /// <summary>Layers that are compressed already, or say so and are not.</summary>
    public static TestImage OfBlobs(byte[][] archives, byte[][] blobs) => Make(archives, diffIds: null, blobs);

    public static Digest DigestOf(byte[] bytes) => Digest.OfSha256(SHA256.HashData(bytes));

    private static TestImage Make(byte[][] archives, Digest[]? diffIds, byte[][]? layers = null)
    {
        diffIds ??= [.. archives.Select(DigestOf)];
        layers ??= [.. archives.Select(Compress)];
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"os":"linux","architecture":"{{{Platform.Current.Architecture}}}","config":{"Cmd":["sh"],"Env":["A=1"]},"rootfs":{"type":"layers","diff_ids":[{{{Quote(diffIds)}}}]}}""");
        var descriptors = layers.Select(layer => Describe(MediaTypes.OciLayerGzip, layer)).ToList();
        var configDescriptor = Describe(MediaTypes.OciConfig, config);
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Json(configDescriptor)}},"layers":[{{string.Join(',', descriptors.Select(Json))}}]}""");
        var content = new ImageContent
        {
            Digest = DigestOf(manifest),
            ManifestBytes = manifest,
            Manifest = new ImageManifest { Config = configDescriptor, Layers = descriptors },
            ConfigBytes = config,
            Config = ImageConfigReader.Read(config),
        };
        return new TestImage(content, archives, layers.DistinctBy(DigestOf).ToDictionary(DigestOf));
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static Descriptor Describe(string type, byte[] bytes) => new() { MediaType = type, Digest = DigestOf(bytes), Size = bytes.Length };

    private static string Json(Descriptor one) => $$"""{"mediaType":"{{one.MediaType}}","digest":"{{one.Digest}}","size":{{one.Size}}}""";

    private static string Quote(Digest[] digests) => string.Join(',', digests.Select(digest => $"\"{digest}\""));
}
