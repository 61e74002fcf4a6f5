using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pulling;

/// <summary>The whole pull with a source in memory and a store on the disk.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ImagePullerTests : IDisposable
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");

    private readonly TestStore _store = new();
    private readonly FakeImageSource _source = new();

    private string[] Parts => _store.Names("parts");

    [Test]
    public async Task Pull_PutsTheLayersIntoOneTree_AndForgetsTheParts()
    {
        var image = Offer(Layers(5));
        var stored = await PullAsync();
        Assert.That(stored.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(stored.References, Is.EqualTo([s_one]));
        Assert.That(TreeListing.Paths(Path.Combine(_store.Root, stored.Rootfs)), Is.EqualTo("layer0 layer1 layer2 layer3 layer4 same"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_store.Root, stored.Rootfs, "same")), Is.EqualTo("4"));
        Assert.That(Parts, Is.Empty);
        Assert.That(_source.Opened, Is.EqualTo(5));
    }

    [Test]
    public async Task Pull_ImageIsThere_FetchesNothing()
    {
        var image = Offer(Layers(2));
        _store.Add(image, "other");
        var progress = new List<PullProgress>();
        var stored = await PullAsync(progress: new Recorder(progress));
        Assert.That(_source.Opened, Is.Zero);
        Assert.That(stored.References, Has.Count.EqualTo(2));
        Assert.That(progress.Select(one => one.Stage), Is.All.EqualTo(PullStage.Done));
    }

    [Test]
    public async Task Pull_SameLayerManyTimes_IsFetchedOnce()
    {
        var empty = new TarBuilder().Build();
        var image = TestImage.Of([empty, .. Layers(1), empty, empty, empty]);
        _source.Add("example.com/one:1", image);
        var stored = await PullAsync();
        Assert.That(TreeListing.Paths(Path.Combine(_store.Root, stored.Rootfs)), Is.EqualTo("layer0 same"));
        Assert.That(_source.Opened, Is.EqualTo(2));
    }

    [Test]
    public async Task Pull_PartOfAnEarlierRun_IsResumed()
    {
        var image = Offer(Layers(1));
        var layer = image.Content.Manifest.Layers[0];
        using (var part = _store.Open().Parts.Open(layer))
        {
            part.Append(image.Blobs[layer.Digest].AsSpan(0, 20));
        }

        long from = -1;
        _source.OnOpen = (_, offset, _) =>
        {
            from = offset;
            return null;
        };
        await PullAsync();
        Assert.That(from, Is.EqualTo(20));
    }

    [Test]
    public async Task Pull_PartOfAnEarlierRunIsWrong_StartsThatLayerAnew()
    {
        var image = Offer(Layers(3));
        var layer = image.Content.Manifest.Layers[1];
        using (var part = _store.Open().Parts.Open(layer))
        {
            part.Append(new byte[20]);
        }

        await PullAsync();
        Assert.That(_source.Opened, Is.EqualTo(4));
        Assert.That(Parts, Is.Empty);
    }

    [Test]
    public async Task Pull_WrongBytesOnce_AreFetchedAgain()
    {
        var image = Offer(Layers(2));
        var spoilt = 0;
        _source.OnOpen = (blob, offset, _) => blob == image.Content.Manifest.Layers[1] && spoilt++ == 0 ? new MemoryStream(Spoil(image.Blobs[blob.Digest])) : null;
        Assert.That(await PullAsync(), Is.Not.Null);
        Assert.That(spoilt, Is.EqualTo(2));
    }

    [Test]
    public void Pull_WrongBytesAlways_IsRefused_NamingTheLayer()
    {
        var image = Offer(Layers(2));
        var bad = image.Content.Manifest.Layers[1];
        var opened = 0;
        _source.OnOpen = (blob, _, _) => blob == bad && ++opened > 0 ? new MemoryStream(Spoil(image.Blobs[blob.Digest])) : null;
        Assert.That(() => PullAsync(), Throws.TypeOf<ContentException>().With.Message.Contains(bad.Digest.ToString()));
        Assert.That(opened, Is.EqualTo(2), "one clean retry");
        RequireNoImage();
        Assert.That(Parts, Is.EqualTo(["sha256-" + image.Content.Manifest.Layers[0].Digest.Hex]), "what was good is kept");
    }

    [Test]
    public void Pull_DiffIdsSwapped_IsRefused_WithoutASecondFetch()
    {
        var layers = Layers(2);
        var image = TestImage.WithDiffIds(layers, TestImage.DigestOf(layers[1]), TestImage.DigestOf(layers[0]));
        _source.Add("example.com/one:1", image);
        Assert.That(() => PullAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("diff_id of layer 2"));
        Assert.That(_source.Opened, Is.LessThanOrEqualTo(2));
        RequireNoImage();
    }

    [Test]
    public void Pull_CountsDiffer_IsRefusedBeforeAnyFetch()
    {
        var layers = Layers(2);
        _source.Add("example.com/one:1", TestImage.WithDiffIds(layers, TestImage.DigestOf(layers[0])));
        Assert.That(() => PullAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("2 layers and the config 1 diff ids"));
        Assert.That(_source.Opened, Is.Zero);
    }

    [Test]
    public void Cve_2026_24054_Pull_NoLayers_IsRefused()
    {
        _source.Add("example.com/one:1", TestImage.Of());
        Assert.That(() => PullAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("no layers"));
    }

    [Test]
    public void Pull_HostileLayer_IsRefused_WhileItStillComes()
    {
        var random = new byte[4 << 20];
        new Random(1).NextBytes(random);
        var image = Offer([new TarBuilder().Link(".", "/etc").File("big", Convert.ToBase64String(random)).Build()]);
        _source.OnOpen = (blob, _, token) => new StallingStream(image.Blobs[blob.Digest], after: 3 << 20);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.That(() => PullAsync(), Throws.TypeOf<LayerException>());
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        RequireNoImage();
        Assert.That(Parts, Is.Empty);
    }

    [Test]
    public void Pull_OneOfManyFails_EndsTheOthers([Values(0, 4, 7)] int failing)
    {
        var image = Offer(Layers(8));
        var bad = image.Content.Manifest.Layers[failing];
        _source.OnOpen = (blob, _, _) => blob == bad
            ? new FailingStream(image.Blobs[blob.Digest][..10], new RegistryException("the line is dead"))
            : failing == 7 /* the uppermost is fetched first */ ? new StallingStream(image.Blobs[blob.Digest], after: 5) : null;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.That(() => PullAsync(), Throws.TypeOf<RegistryException>().With.Message.EqualTo("the line is dead"));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)), "the stalled layers are not waited for");
        RequireNoImage();
        Assert.That(Parts, Does.Contain("sha256-" + bad.Digest.Hex), "its first bytes are kept");
    }

    [Test]
    public void Pull_Cancelled_Stops_AndKeepsTheParts()
    {
        var image = Offer(Layers(4));
        _source.OnOpen = (blob, _, _) => new StallingStream(image.Blobs[blob.Digest], after: 10);
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(3)); // long enough for all that are fetched at once to be on their way
        Assert.That(() => PullAsync(cancellationToken: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        RequireNoImage();
        Assert.That(Parts, Has.Length.EqualTo(3));
    }

    [Test]
    public async Task Pull_TwentyAtOnce_FetchesOnce()
    {
        Offer(Layers(3));
        var pulls = Enumerable.Range(0, 20).Select(_ => Task.Run(() => PullAsync())).ToArray();
        var stored = await Task.WhenAll(pulls);
        Assert.That(stored.Select(image => image.Digest).Distinct().Count(), Is.EqualTo(1));
        Assert.That(_source.Opened, Is.EqualTo(3));
        Assert.That(Directory.GetFileSystemEntries(Path.Combine(_store.Root, "staging")), Is.Empty);
    }

    [Test]
    public async Task Pull_ImagesThatShareLayersInOtherOrder_AtOnce_AllEndRight()
    {
        var layers = Layers(6);
        for (var i = 0; i < 8; i++)
        {
            _source.Add($"example.com/shared:{i}", TestImage.Of([.. layers.Skip(i % 6), .. layers.Take(i % 6), new TarBuilder().File("own", $"{i}").Build()]));
        }

        var random = new Random(7);
        _source.OnOpen = (_, _, _) =>
        {
            Thread.Sleep(random.Next(5));
            return null;
        };
        var pulls = Enumerable.Range(0, 8).Select(i => Task.Run(() => PullAsync(reference: ImageReference.Parse($"example.com/shared:{i}")))).ToArray();
        foreach (var (stored, i) in (await Task.WhenAll(pulls)).Select((stored, i) => (stored, i)))
        {
            Assert.That(TreeListing.Paths(Path.Combine(_store.Root, stored.Rootfs)), Is.EqualTo("layer0 layer1 layer2 layer3 layer4 layer5 own same"));
            Assert.That(await File.ReadAllTextAsync(Path.Combine(_store.Root, stored.Rootfs, "same")), Is.EqualTo($"{(i % 6 + 5) % 6}"));
        }
    }

    [Test]
    public async Task Progress_EveryLayerGoesFromFetchingToDone()
    {
        Offer(Layers(3));
        var reports = new List<PullProgress>();
        await PullAsync(progress: new Recorder(reports));
        for (var layer = 0; layer < 3; layer++)
        {
            var mine = reports.Where(report => report.Index == layer).ToList();
            Assert.That(mine.Select(report => report.Stage), Is.Ordered);
            Assert.That(mine[^1].Stage, Is.EqualTo(PullStage.Done));
            Assert.That(mine[^1].Bytes, Is.EqualTo(mine[^1].Total));
        }
    }

    [Test]
    public async Task Pull_ThroughFakesAlone_NeedsNoDisk()
    {
        var image = Offer(Layers(2));
        var (images, parts) = (new MemoryImageStore(), new MemoryPartStore());
        var stored = await new ImagePuller(_source, images, parts, TimeProvider.System).PullAsync(s_one, Platform.Current, null, CancellationToken.None);
        Assert.That(stored.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(parts.Count, Is.Zero);
    }

    public void Dispose() => _store.Dispose();

    private static byte[][] Layers(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TarBuilder().File($"layer{i}", $"content {i}").File("same", $"{i}").Build())];

    private static byte[] Spoil(byte[] bytes)
    {
        var copy = bytes.ToArray();
        copy[^6] ^= 1;
        return copy;
    }

    private TestImage Offer(byte[][] layers)
    {
        var image = TestImage.Of(layers);
        _source.Add("example.com/one:1", image);
        return image;
    }

    private Task<StoredImage> PullAsync(IProgress<PullProgress>? progress = null, ImageReference? reference = null, CancellationToken cancellationToken = default)
    {
        var (images, parts, _) = _store.Open();
        return new ImagePuller(_source, images, parts, TimeProvider.System).PullAsync(reference ?? s_one, Platform.Current, progress, cancellationToken);
    }

    private void RequireNoImage()
    {
        Assert.That(_store.Open().Images.List(), Is.Empty);
        Assert.That(_store.Names("refs"), Is.Empty);
        Assert.That(_store.Names("images"), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(Path.Combine(_store.Root, "staging")), Is.Empty);
    }

    private sealed class Recorder(List<PullProgress> reports) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => reports.Add(value);
    }
}
