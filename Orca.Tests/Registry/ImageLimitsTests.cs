using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry;
using Orca.Registry.Layers;
using Orca.Registry.Manifests;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Layers;

namespace Orca.Tests.Registry;

/// <summary>Bombs: each bound has a default, a message that says which, and an option.</summary>
[TestFixture]
public sealed class ImageLimitsTests
{
    private const string Manifest = """{"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:HEX","size":10},"layers":[],"x":DEEP}""";

    [Test]
    public void Parse_EachName_ChangesItsLimit()
    {
        var limits = ImageLimits.Parse(["size=200g", "entries=5", "entries=20000000", "ratio=2000", "path=64k", "depth=7", "header=2m", "json-size=16m", "json-depth=128"]);
        Assert.That(limits, Is.EqualTo(new ImageLimits
        {
            UnpackedBytes = 200L << 30,
            Entries = 20_000_000,
            InflateRatio = 2000,
            PathBytes = 64 << 10,
            PathDepth = 7,
            HeaderBytes = 2 << 20,
            DocumentBytes = 16 << 20,
            DocumentDepth = 128,
        }));
        Assert.That(ImageLimits.Parse([]), Is.EqualTo(ImageLimits.Default));
    }

    [TestCase("size", "no size")]
    [TestCase("size=", "no size")]
    [TestCase("size=0", "no size")]
    [TestCase("size=-1", "no size")]
    [TestCase("json-size=1g", "no size up to 268435456 bytes")]
    [TestCase("json-depth=1001", "no number from 1 to 1000")]
    [TestCase("entries=0", "no number")]
    [TestCase("entries=1e6", "no number")]
    [TestCase("ratio=99999999999999999999", "no number")]
    [TestCase("files=3", "there is no limit 'files', only size, entries")]
    [TestCase("", "there is no limit ''")]
    public void Parse_AnythingElse_IsRefused(string text, string cause) =>
        Assert.That(() => ImageLimits.Parse([text]), Throws.TypeOf<ReferenceException>().With.Message.StartsWith($"cannot use limit '{text}': ").And.Message.Contains(cause));

    [TestCase(64, null)]
    [TestCase(65, 64)]
    [TestCase(100_000, 64)]
    [TestCase(999, 998)]
    public void Document_DeeperThanTheLimit_SaysSo(int depth, int? limit)
    {
        // The object around it is one level.
        var json = Encoding.UTF8.GetBytes(Manifest.Replace("HEX", new string('a', 64), StringComparison.Ordinal)
            .Replace("DEEP", new string('[', depth - 1) + new string(']', depth - 1), StringComparison.Ordinal));
        var limits = DocumentLimits.Default with { Depth = limit ?? 64 };
        if (limit is null)
        {
            Assert.That(ManifestReader.Read(json, limits: limits).Image, Is.Not.Null);
            return;
        }

        var refusal = Assert.Throws<ContentException>(() => ManifestReader.Read(json, limits: limits))!;
        Assert.That(refusal.Message, Is.EqualTo($"cannot read the image: the manifest is nested deeper than the limit of {limit}"));
        Assert.That(refusal.Hint, Does.Contain("--image-limit json-depth="));
        if (depth <= DocumentLimits.Stored.Depth)
        {
            Assert.That(ManifestReader.Read(json, limits: DocumentLimits.Stored).Image, Is.Not.Null, "what a larger limit lets in, the store can read");
        }
    }

    [Test]
    public void Document_MalformedAtTheLimit_IsNotCalledDeep() =>
        Assert.That(() => ManifestReader.Read(Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 63) + "}")), Throws.TypeOf<ContentException>().With.Message.Contains("not valid JSON"));

    [TestCase(1 << 20, "is larger than the limit of 1 MiB")]
    [TestCase(1000, "is larger than the limit of 1000 bytes")]
    public void Document_LargerThanTheLimit_SaysSo(int limit, string words)
    {
        var refusal = Assert.Throws<ContentException>(() => ImageConfigReader.Read(new byte[limit + 1], "cannot pull 'x'", DocumentLimits.Default with { Bytes = limit }))!;
        Assert.That((refusal.Message, refusal.Hint), Is.EqualTo(("cannot pull 'x': the image config " + words, DocumentLimits.Hint)));
    }

    [Test]
    public void Path_WithMoreNamesThanTheLimit_IsRefused()
    {
        using var bench = new LayerBench { Limits = new LayerLimits { MaxDepth = 3 } };
        bench.Flatten(new TarBuilder().File("a/b/c", "x").Build());
        Assert.That(bench.Refusal(new TarBuilder().File("a/b/c/d", "x").Build()), Does.Contain("a path of 4 names exceeds limit of 3"));
    }

    [Test]
    public void Z15_LayerThatGrowsMoreThanTheRatio_IsRefused([Values(Packing.Gzip, Packing.Zstd)] Packing packing)
    {
        var packed = LayerBench.Pack(new byte[8 << 20], packing);
        using (var bomb = LayerDecompressor.Open(new MemoryStream(packed), "layer x", ratio: 50, free: 1 << 20))
        {
            var refusal = Assert.Throws<ContentException>(() => bomb.CopyTo(Stream.Null))!;
            Assert.That(refusal.Message, Does.Match("^cannot decompress layer x: it becomes more than 50 times larger \\([0-9]+ bytes of [0-9]+\\)"));
            Assert.That(refusal.Hint, Does.Contain("--image-limit ratio="));
        }

        using var small = LayerDecompressor.Open(new MemoryStream(packed), "layer x", ratio: 50, free: 8 << 20);
        Assert.That(() => small.CopyTo(Stream.Null), Throws.Nothing, "a few zeros are no bomb");
        using var plain = LayerDecompressor.Open(new MemoryStream(new byte[8 << 20]), "layer x", ratio: 1, free: 0);
        Assert.That(() => plain.CopyTo(Stream.Null), Throws.Nothing, "what is not compressed does not grow");
    }

    [TestCase("entries=2", "too many entries")]
    [TestCase("size=4k", "limit of 4096 bytes")]
    [TestCase("path=3", "a path of 4 bytes")]
    [TestCase("depth=1", "a path of 2 names")]
    public async Task Options_OfTheStore_ReachTheLayers(string limit, string said)
    {
        using var store = new TestStore();
        var archive = Path.Combine(store.Base, "tree.tar");
        await File.WriteAllBytesAsync(archive, new TarBuilder().Dir("d").File("d/ab", "x").File("f", new string('x', 9000)).Build());
        Assert.That(await TryLoad(store.Root, archive, limit), Does.Contain(said));
        Assert.That(Directory.Exists(Path.Combine(store.Root, "images")) ? store.Names("images") : [], Is.Empty, "a refused image leaves nothing behind");
        Assert.That(await TryLoad(store.Root, archive, "entries=100"), Is.Null);
    }

    private static async Task<string?> TryLoad(string root, string archive, string limit)
    {
        await using var services = new ServiceCollection().AddOrcaRegistry(store => (store.Root, store.Limits) = (root, ImageLimits.Parse([limit]))).BuildServiceProvider();
        try
        {
            await services.GetRequiredService<IImageLoader>().LoadAsync(new LoadRequest { Location = ImageLocation.OfPath(archive), Name = ImageReference.Parse("tree") }, null, CancellationToken.None);
            return null;
        }
        catch (OrcaException e)
        {
            return e.Message;
        }
    }
}
