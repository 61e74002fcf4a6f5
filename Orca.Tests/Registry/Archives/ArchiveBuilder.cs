using System.IO.Compression;
using System.Text;
using Orca.Core.Images;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Archives;

/// <summary>Archives of images, as tools write them.</summary>
internal static class ArchiveBuilder
{
    public const string LayoutMark = """{"imageLayoutVersion":"1.0.0"}""";

    /// <summary>As docker save wrote them before version 25.</summary>
    public static byte[] Docker(TestImage image, params string[] tags) => DockerTar(image, tags).Build();

    public static TarBuilder DockerTar(TestImage image, params string[] tags)
    {
        var tar = new TarBuilder();
        var layers = image.Archives.Select((archive, index) =>
        {
            var name = $"{index:d4}/layer.tar";
            tar.Dir($"{index:d4}/").Entry('0', name, archive, new());
            return name;
        }).ToList();
        var config = $"{image.Content.Manifest.Config.Digest.Hex}.json";
        return tar.Entry('0', config, image.Content.ConfigBytes.ToArray(), new()).File("manifest.json", Manifest(config, tags, layers));
    }

    /// <summary>The same as a list of files.</summary>
    public static List<(string Name, byte[] Content)> DockerFiles(TestImage image, params string[] tags)
    {
        var layers = image.Archives.Select((archive, index) => (Name: $"{index:d4}/layer.tar", Content: archive)).ToList();
        var config = $"{image.Content.Manifest.Config.Digest.Hex}.json";
        return [.. layers, (config, image.Content.ConfigBytes.ToArray()), ("manifest.json", Encoding.UTF8.GetBytes(Manifest(config, tags, layers.Select(static layer => layer.Name))))];
    }

    public static string Manifest(string config, IEnumerable<string> tags, IEnumerable<string> layers) =>
        $$"""[{"Config":"{{config}}","RepoTags":[{{Quote(tags)}}],"Layers":[{{Quote(layers)}}]}]""";

    /// <summary>An OCI layout as a list of files.</summary>
    public static List<(string Name, byte[] Content)> Oci(TestImage image, params string[] annotations) =>
    [
        ("oci-layout", Encoding.UTF8.GetBytes(LayoutMark)),
        ("index.json", Encoding.UTF8.GetBytes(Index(Line(image, annotations)))),
        .. Blobs(image),
    ];

    public static IEnumerable<(string Name, byte[] Content)> Blobs(TestImage image) =>
        image.Blobs.Select(blob => ($"blobs/sha256/{blob.Key.Hex}", blob.Value))
            .Append(($"blobs/sha256/{image.Content.Digest.Hex}", image.Content.ManifestBytes.ToArray()))
            .Append(($"blobs/sha256/{image.Content.Manifest.Config.Digest.Hex}", image.Content.ConfigBytes.ToArray()));

    public static string Index(params string[] lines) => $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', lines)}}]}""";

    /// <summary>A line of an index; annotations as <c>key=value</c>, <c>platform=os/arch</c> for a platform.</summary>
    public static string Line(TestImage image, params string[] annotations) =>
        Line(MediaTypes.OciManifest, image.Content.Digest.ToString(), image.Content.ManifestBytes.Length, annotations);

    public static string Line(string type, string digest, long size, params string[] annotations)
    {
        var platform = annotations.FirstOrDefault(one => one.StartsWith("platform=", StringComparison.Ordinal))?[9..].Split('/');
        var rest = annotations.Where(one => !one.StartsWith("platform=", StringComparison.Ordinal)).Select(one => one.Split('=', 2)).Select(one => $"\"{one[0]}\":\"{one[1]}\"");
        return $$"""{"mediaType":"{{type}}","digest":"{{digest}}","size":{{size}},"annotations":{ {{string.Join(',', rest)}} }"""
            + (platform is null ? "}" : $$""","platform":{"os":"{{platform[0]}}","architecture":"{{platform[1]}}" } }""");
    }

    public static byte[] Tar(IEnumerable<(string Name, byte[] Content)> files)
    {
        var tar = new TarBuilder();
        foreach (var (name, content) in files)
        {
            tar.Entry('0', name, content, new());
        }

        return tar.Build();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    public static byte[] Zstd(byte[] bytes)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    private static string Quote(IEnumerable<string> texts) => string.Join(',', texts.Select(text => $"\"{text}\""));
}
