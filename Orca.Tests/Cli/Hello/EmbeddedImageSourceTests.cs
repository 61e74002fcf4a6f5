using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using NUnit.Framework;
using Orca.Cli.Hello;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Cli.Hello;

/// <summary>The image inside the binary is an image like any other.</summary>
public sealed class EmbeddedImageSourceTests
{
    private static readonly ImageReference Reference = ImageReference.Parse("orca.local/hello");
    private static readonly byte[] Program = [.. Enumerable.Range(0, 3000).Select(i => (byte)i)];

    [Test]
    public async Task Image_IsTheSameEveryTime()
    {
        var one = await new EmbeddedImageSource(Program).ResolveAsync(Reference, Platform.Current, default);
        var other = await new EmbeddedImageSource(Program).ResolveAsync(Reference, Platform.Current, default);
        Assert.That(one.Digest, Is.EqualTo(other.Digest));
    }

    [Test]
    public async Task Digests_AreThoseOfTheBytes()
    {
        var source = new EmbeddedImageSource(Program);
        var image = await source.ResolveAsync(Reference, Platform.Current, default);
        Assert.That(image.Digest, Is.EqualTo(Sha256(image.ManifestBytes.ToArray())));
        Assert.That(image.Manifest.Config.Digest, Is.EqualTo(Sha256(image.ConfigBytes.ToArray())));
        Assert.That(image.Manifest.Config.Size, Is.EqualTo(image.ConfigBytes.Length));

        var layer = await Read(source, image, 0);
        Assert.That(Sha256(layer), Is.EqualTo(image.Manifest.Layers[0].Digest));
        Assert.That(layer, Has.Length.EqualTo(image.Manifest.Layers[0].Size));
        Assert.That(Sha256(Inflate(layer)), Is.EqualTo(image.Config.DiffIds[0]));
        Assert.That(await Read(source, image, 10), Is.EqualTo(layer[10..]));
    }

    [Test]
    public async Task Json_SaysWhatTheRecordsSay()
    {
        var image = await new EmbeddedImageSource(Program).ResolveAsync(Reference, Platform.Current, default);
        using var manifest = JsonDocument.Parse(image.ManifestBytes);
        using var config = JsonDocument.Parse(image.ConfigBytes);
        Assert.That(manifest.RootElement.GetProperty("config").GetProperty("digest").GetString(), Is.EqualTo(image.Manifest.Config.Digest.ToString()));
        Assert.That(manifest.RootElement.GetProperty("layers")[0].GetProperty("digest").GetString(), Is.EqualTo(image.Manifest.Layers[0].Digest.ToString()));
        Assert.That(config.RootElement.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString(), Is.EqualTo(image.Config.DiffIds[0].ToString()));
        Assert.That(config.RootElement.GetProperty("config").GetProperty("Entrypoint")[0].GetString(), Is.EqualTo("/hello"));
    }

    [Test]
    public async Task Layer_IsAnArchiveThatOthersRead()
    {
        var source = new EmbeddedImageSource(Program);
        var image = await source.ResolveAsync(Reference, Platform.Current, default);
        using var reader = new TarReader(new MemoryStream(Inflate(await Read(source, image, 0))));
        var entries = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            entries.Add($"{entry.EntryType} {entry.Name} {Convert.ToString((int)entry.Mode, 8)} {entry.Length}");
        }

        Assert.That(entries, Is.EqualTo(
            ["Directory etc/ 755 0", "RegularFile etc/passwd 644 25", "RegularFile etc/group 644 10", "RegularFile hello 755 3000"]));
    }

    [Test]
    public void Program_IsInTheAssembly() => Assert.That(HelloProgram.Read()[..4], Is.EqualTo("\x7f" + "ELF"));

    private static Digest Sha256(byte[] bytes) => Digest.OfSha256(SHA256.HashData(bytes));

    private static byte[] Inflate(byte[] layer)
    {
        var archive = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(layer), CompressionMode.Decompress);
        gzip.CopyTo(archive);
        return archive.ToArray();
    }

    private static async Task<byte[]> Read(EmbeddedImageSource source, ImageContent image, long offset)
    {
        await using var stream = await source.OpenBlobAsync(Reference, image.Manifest.Layers[0], offset, default);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
