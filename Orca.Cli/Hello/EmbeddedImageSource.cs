using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Hello;

/// <summary>An image that needs no registry: one program in one layer, built in memory, the same bytes every time.</summary>
internal sealed class EmbeddedImageSource : IImageSource
{
    private readonly byte[] _layer;
    private readonly ImageContent _image;

    /// <summary>Builds the image around the bytes of a static program.</summary>
    public EmbeddedImageSource(ReadOnlySpan<byte> program)
    {
        var archive = new TarBuilder()
            .Directory("etc")
            .File("etc/passwd", 0b110_100_100 /* 0644 */, "root:x:0:0:root:/:/hello\n"u8)
            .File("etc/group", 0b110_100_100, "root:x:0:\n"u8)
            .File("hello", 0b111_101_101 /* 0755 */, program)
            .Build();
        _layer = Compress(archive);
        var diffId = Digest.OfSha256(SHA256.HashData(archive));
        var layer = Describe(MediaTypes.OciLayerGzip, _layer);
        var config = Config(diffId);
        var manifest = new ImageManifest { Config = Describe(MediaTypes.OciConfig, config), Layers = [layer] };
        var bytes = Manifest(manifest);
        _image = new ImageContent
        {
            Digest = Digest.OfSha256(SHA256.HashData(bytes)),
            ManifestBytes = bytes,
            Manifest = manifest,
            ConfigBytes = config,
            Config = new ImageConfig { Platform = Platform.Current, DiffIds = [diffId], Entrypoint = ["/hello"] },
        };
    }

    /// <inheritdoc/>
    public Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken) => Task.FromResult(_image);

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken) =>
        blob.Digest == _image.Manifest.Layers[0].Digest && offset >= 0 && offset <= _layer.Length
            ? Task.FromResult<Stream>(new MemoryStream(_layer, (int)offset, _layer.Length - (int)offset, writable: false))
            : throw new RegistryException($"cannot fetch '{blob.Digest}': the image inside orca has no such layer");

    /// <inheritdoc/>
    public bool ReportCorruption(ImageReference reference, Descriptor blob) => false;

    private static Descriptor Describe(string mediaType, byte[] bytes) =>
        new() { MediaType = mediaType, Digest = Digest.OfSha256(SHA256.HashData(bytes)), Size = bytes.Length };

    private static byte[] Compress(byte[] archive)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(archive);
        }

        return compressed.ToArray();
    }

    private static byte[] Config(Digest diffId) => Json(writer =>
    {
        writer.WriteString("architecture", Platform.Current.Architecture);
        writer.WriteString("os", Platform.Current.Os);
        writer.WriteStartObject("config");
        writer.WriteStartArray("Entrypoint");
        writer.WriteStringValue("/hello");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("rootfs");
        writer.WriteString("type", "layers");
        writer.WriteStartArray("diff_ids");
        writer.WriteStringValue(diffId.ToString());
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static byte[] Manifest(ImageManifest manifest) => Json(writer =>
    {
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciManifest);
        writer.WriteStartObject("config");
        Write(writer, manifest.Config);
        writer.WriteEndObject();
        writer.WriteStartArray("layers");
        writer.WriteStartObject();
        Write(writer, manifest.Layers[0]);
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteString("digest", descriptor.Digest.ToString());
        writer.WriteNumber("size", descriptor.Size);
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
