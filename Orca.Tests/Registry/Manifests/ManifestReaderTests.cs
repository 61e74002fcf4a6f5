using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Manifests;

namespace Orca.Tests.Registry.Manifests;

[TestFixture]
public sealed class ManifestReaderTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Config = $$"""{"mediaType":"{{MediaTypes.OciConfig}}","digest":"sha256:{{Hex}}","size":10}""";
    private const string Layer = $$"""{"mediaType":"{{MediaTypes.OciLayerGzip}}","digest":"sha256:{{Hex}}","size":20}""";

    [Test]
    public void ReadManifest_OfOci_GivesConfigAndLayersInOrder()
    {
        var manifest = Read($$$"""
            {"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{{{Config}}},
             "layers":[{{{Layer}}},{"mediaType":"{{{MediaTypes.OciLayer}}}","digest":"sha512:{{{Hex}}}{{{Hex}}}","size":0,"urls":["file:///etc/passwd"]}],
             "annotations":{"a":null,"b":{"c":[1]}},"subject":{"no":"such"},"extra":[[[{}]]]}
            """);
        Assert.Multiple(() =>
        {
            Assert.That(manifest.Config.Size, Is.EqualTo(10));
            Assert.That(manifest.Layers.Select(l => l.Digest.Algorithm), Is.EqualTo(new[] { "sha256", "sha512" }));
            Assert.That(manifest.Layers[0].MediaType, Is.EqualTo(MediaTypes.OciLayerGzip));
        });
    }

    /// <summary>As encoding/json in Go, which docker, containerd, podman and umoci read with: another reading would be another image.</summary>
    [Test]
    public void Read_FieldTwice_TheLastCounts_AndObjectsFieldByField()
    {
        var other = Hex.Replace('0', 'f');
        var manifest = Read($$$"""
            {"schemaVersion":2,"layers":[],"config":{"digest":"sha256:{{{other}}}","size":7,"mediaType":"{{{MediaTypes.OciConfig}}}"},
             "config":{"size":1,"digest":"sha256:{{{Hex}}}","size":9,"mediaType":null},"layers":[{{{Layer}}}],"config":null}
            """);
        Assert.That((manifest.Config.Digest.Hex, manifest.Config.Size, manifest.Config.MediaType, manifest.Layers.Count), Is.EqualTo((Hex, 9L, MediaTypes.OciConfig, 1)));
        Assert.That(() => Read($$"""{"config":{{Config}},"layers":[{{Layer}}],"layers":null}"""), Throws.TypeOf<ContentException>(), "null takes a list away");
    }

    [TestCase("Layers", "CONFIG", "Digest")]
    [TestCase("layer\u017f", "con\\u0066ig", "dige\\u017ft")]
    public void Read_FieldInAnotherCase_IsTheSame(string layers, string config, string digest)
    {
        var manifest = Read($$"""{"config":{{Config}},"layers":[],"{{layers}}":[{{Layer.Replace("digest", digest, StringComparison.Ordinal)}}],"{{config}}":{"size":11} }""");
        Assert.That((manifest.Config.Size, manifest.Layers.Count), Is.EqualTo((11L, 1)));
    }

    [TestCase(MediaTypes.DockerConfig)]
    [TestCase(MediaTypes.OciConfig)]
    [TestCase("application/octet-stream")]
    public void ReadManifest_ConfigOfAnImage_IsTaken(string mediaType) =>
        Assert.That(Read(Image(Config.Replace(MediaTypes.OciConfig, mediaType, StringComparison.Ordinal), Layer)).Layers, Has.Count.EqualTo(1));

    [TestCase("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")]
    [TestCase("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")]
    [TestCase("application/vnd.docker.image.rootfs.diff.tar.zstd")]
    public void ReadManifest_LayerOfAnyArchiveType_IsTaken(string mediaType) =>
        Assert.That(Read(Image(Config, Layer.Replace(MediaTypes.OciLayerGzip, mediaType, StringComparison.Ordinal))).Layers, Has.Count.EqualTo(1));

    [Test]
    public void ReadManifest_EqualFields_LastCounts()
    {
        var other = Config.Replace("\"size\":10", "\"size\":1,\"size\":11", StringComparison.Ordinal);
        Assert.That(Read($$"""{"config":{{Config}},"config":{{other}},"layers":null,"layers":[]}""").Config.Size, Is.EqualTo(11));
    }

    [Test]
    public void ReadManifest_NullManifests_AreAbsent() =>
        Assert.That(Read($$"""{"config":{{Config}},"layers":[],"manifests":null}""").Layers, Is.Empty);

    [TestCase("""{"config":CONFIG,"layers":[],"manifests":[]}""", "ambiguous", TestName = "Cve_2021_41190_manifest_with_manifests")]
    [TestCase("""{"mediaType":"OCIINDEX","config":CONFIG,"layers":[]}""", "ambiguous", TestName = "Cve_2021_41190_index_by_name_manifest_by_shape")]
    [TestCase("""{"mediaType":"OCIMANIFEST","manifests":[]}""", "ambiguous", TestName = "Cve_2021_41190_manifest_by_name_index_by_shape")]
    [TestCase("""{"layers":[],"manifests":[LAYER]}""", "ambiguous")]
    [TestCase("""{"schemaVersion":1,"fsLayers":[],"history":[]}""", "schema 1")]
    [TestCase("""{"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws"}""", "schema 1")]
    [TestCase("""{"mediaType":"application/vnd.cncf.notary.signature","config":CONFIG,"layers":[]}""", "not a container image: type 'application/vnd.cncf.notary.signature'")]
    [TestCase("""{"artifactType":"application/x.sbom","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:HEX","size":2},"layers":[]}""", "not a container image: type 'application/x.sbom'")]
    [TestCase("""{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:HEX","size":2},"layers":[]}""", "not a container image: type 'application/vnd.cncf.helm.config.v1+json'")]
    [TestCase("""{"config":{"mediaType":"application/vnd.wasm.config.v1+json","digest":"sha256:HEX","size":2},"layers":[]}""", "not a container image")]
    [TestCase("""{"config":CONFIG,"layers":[{"mediaType":"application/vnd.in-toto+json","digest":"sha256:HEX","size":2}]}""", "layer of type 'application/vnd.in-toto+json'")]
    [TestCase("""{"config":CONFIG,"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip+encrypted","digest":"sha256:HEX","size":2}]}""", "encrypted")]
    [TestCase("""{"config":CONFIG}""", "no layers")]
    [TestCase("""{"layers":[]}""", "no config")]
    [TestCase("""{"errors":[]}""", "neither")]
    [TestCase("""{"config":CONFIG,"layers":[{"digest":"sha256:HEX","size":-1}]}""", "negative size")]
    [TestCase("""{"config":CONFIG,"layers":[{"digest":"sha256:HEX","size":9223372036854775808}]}""", "'size'")]
    [TestCase("""{"config":CONFIG,"layers":[{"digest":"sha256:HEX","size":1.5}]}""", "'size'")]
    [TestCase("""{"config":CONFIG,"layers":[{"digest":"sha256:HEX","size":"1"}]}""", "'size'")]
    [TestCase("""{"config":CONFIG,"layers":[{"digest":"sha256:HEX"}]}""", "size")]
    [TestCase("""{"config":CONFIG,"layers":[{"size":1}]}""", "without a digest")]
    [TestCase("""{"config":CONFIG,"layers":[null]}""", "not an object")]
    [TestCase("""{"config":CONFIG,"layers":{}}""", "not an array")]
    [TestCase("""{"config":[],"layers":[]}""", "not an object")]
    [TestCase("""{"config":CONFIG,"layers":[],"mediaType":7}""", "not text")]
    [TestCase("""{"config":CONFIG,"layers":[],"mediaType":"a\u0000b"}""", "NUL")]
    [TestCase("""{"config":CONFIG,"layers":[],"mediaType":"\ud800"}""", "surrogate")]
    [TestCase("""{"config":CONFIG,"layers":[],"\ud800":1}""", "surrogate")]
    [TestCase("""{"config":CONFIG,"layers":[]}{}""", "JSON")]
    [TestCase("""{"config":CONFIG,"layers":[]""", "not valid JSON")]
    [TestCase("[]", "not a JSON object")]
    [TestCase("<html>", "the manifest is a page of HTML or XML, not JSON")]
    [TestCase("", "the manifest is empty")]
    [TestCase("\uFEFF{}", "the manifest begins with a byte order mark")]
    public void Read_WhatIsNoImage_IsRefused(string text, string cause)
    {
        var json = text.Replace("CONFIG", Config, StringComparison.Ordinal).Replace("LAYER", Layer, StringComparison.Ordinal).Replace("HEX", Hex, StringComparison.Ordinal)
            .Replace("OCIINDEX", MediaTypes.OciIndex, StringComparison.Ordinal).Replace("OCIMANIFEST", MediaTypes.OciManifest, StringComparison.Ordinal);
        var error = Assert.Throws<ContentException>(() => ManifestReader.Read(Encoding.UTF8.GetBytes(json), failure: "cannot pull 'x'"));
        Assert.That(error!.Message, Does.StartWith("cannot pull 'x': ").And.Contains(cause));
    }

    [TestCase("sha256:../../../etc/passwd", TestName = "Cve_2024_3727_digest_with_a_path")]
    [TestCase("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde")]
    [TestCase("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0")]
    [TestCase("sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\n")]
    [TestCase("sha256-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("blake3:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("md5:0123456789abcdef0123456789abcdef", TestName = "Cve_2022_39237_weak_hash")]
    [TestCase("sha1:0123456789abcdef0123456789abcdef01234567")]
    [TestCase("")]
    public void Read_BadDigestAnywhere_IsRefused(string digest)
    {
        var descriptor = $$"""{"mediaType":"","digest":"{{digest}}","size":1}""";
        foreach (var json in new[] { Image(descriptor, Layer), Image(Config, descriptor), $$"""{"manifests":[{{descriptor}}]}""" })
        {
            var error = Assert.Throws<ContentException>(() => ManifestReader.Read(Encoding.UTF8.GetBytes(json)));
            Assert.That(error!.Message, Does.Contain("digest"));
        }
    }

    [Test]
    public void Read_DataOfADescriptor_MustMatch()
    {
        var content = RandomNumberGenerator.GetBytes(3 << 20);
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
        string Json(string data, int size) => Image(Config, $$"""{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{digest}}","size":{{size}},"data":{{data}}}""");
        var good = Convert.ToBase64String(content);
        content[7] ^= 1;
        Assert.Multiple(() =>
        {
            Assert.That(() => Read(Json($"\"{good}\"", content.Length)), Throws.Nothing);
            Assert.That(() => Read(Json("null", content.Length)), Throws.Nothing);
            Assert.That(() => Read(Json($"\"{good}\"", content.Length + 1)), Throws.TypeOf<ContentException>());
            Assert.That(() => Read(Json($"\"{Convert.ToBase64String(content)}\"", content.Length)), Throws.TypeOf<ContentException>());
            Assert.That(() => Read(Json("\"!!!\"", content.Length)), Throws.TypeOf<ContentException>().With.Message.Contains("base64"));
            Assert.That(() => Read(Json("7", content.Length)), Throws.TypeOf<ContentException>());
        });
    }

    [Test]
    public void Read_SizeOfTheDocument_IsLimited()
    {
        static string Padded(int length) => Image(Config, Layer)[..^1] + ",\"pad\":\"" + new string('x', length) + "\"}";
        Assert.Multiple(() =>
        {
            Assert.That(() => Read(Padded(4 << 20)), Throws.Nothing);
            Assert.That(() => Read(Padded(8 << 20)), Throws.TypeOf<ContentException>().With.Message.Contains("limit"));
        });
    }

    [Test]
    public void Read_TooManyLayersOrTooDeep_IsRefused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Read(Image(Config, string.Join(',', Enumerable.Repeat(Layer, 5000)))), Throws.TypeOf<ContentException>().With.Message.Contains("limit"));
            Assert.That(() => Read($$"""{"x":{{new string('[', 100_000)}}"""), Throws.TypeOf<ContentException>());
        });
    }

    [TestCase(null, true)]
    [TestCase("", true)]
    [TestCase("text/plain", true)]
    [TestCase("application/json", true)]
    [TestCase(MediaTypes.OciManifest, true)]
    [TestCase(MediaTypes.DockerManifest, false)]
    [TestCase(MediaTypes.OciIndex, false)]
    [TestCase("application/vnd.acme.manifest+json", false)]
    [TestCase("binary/octet-stream", true)]
    public void Read_ContentTypeOfTheServer_MustAgree(string? contentType, bool agrees)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"mediaType":"{{MediaTypes.OciManifest}}","config":{{Config}},"layers":[{{Layer}}]}""");
        Assert.That(() => ManifestReader.Read(json, contentType), agrees ? Throws.Nothing : Throws.TypeOf<ContentException>());
    }

    [Test]
    public void Read_ContentTypeAlone_MustAgreeWithTheShape() =>
        Assert.That(() => ManifestReader.Read(Encoding.UTF8.GetBytes(Image(Config, Layer)), MediaTypes.OciIndex), Throws.TypeOf<ContentException>().With.Message.Contains("ambiguous"));

    [Test]
    public void Read_AnyMutation_GivesAManifestOrAContentException()
    {
        var seed = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Config}},"layers":[{{Layer}},{{Layer}}]}""");
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var k = random.Next(4); k >= 0; k--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                ManifestReader.Read(bytes.AsSpan(0, random.Next(10) == 0 ? random.Next(bytes.Length) : bytes.Length));
            }
            catch (ContentException)
            {
                // The one kind that may leave.
            }
        }
    }

    private static string Image(string config, string layers) => $$"""{"schemaVersion":2,"config":{{config}},"layers":[{{layers}}]}""";

    private static ImageManifest Read(string json) => ManifestReader.ReadManifest(Encoding.UTF8.GetBytes(json));
}
