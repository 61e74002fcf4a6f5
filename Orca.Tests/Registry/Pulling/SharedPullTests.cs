using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pulling;

/// <summary>Pulls of images that have layers in common with one in the store.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SharedPullTests : IDisposable
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");

    private readonly TestStore _store = new();
    private readonly FakeImageSource _source = new();

    [Test]
    public async Task Pull_LayerOfAStoredImage_IsNotFetched_AndItsFilesAreShared()
    {
        byte[] common = new TarBuilder().File("a", "aaa").File("gone", "g").File("changed", "old").Build();
        _source.Add("example.com/one:1", TestImage.Of(common, new TarBuilder().File(".wh.gone", "").File("changed", "new").Build()));
        var one = await PullAsync();
        Offer([common, .. Own()]);
        var progress = new List<PullProgress>();
        var before = _source.Opened;
        var two = await PullAsync(progress: new Recorder(progress));
        Assert.That(_source.Opened - before, Is.EqualTo(1), "only what is new");
        Assert.That(progress.Where(static report => report.Index == 0).Select(static report => report.Stage).Distinct(), Is.EqualTo([PullStage.Waiting, PullStage.Present, PullStage.Done]));
        Assert.That(TreeListing.Paths(Path.Combine(_store.Root, two.Rootfs)), Is.EqualTo("a changed gone own"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_store.Root, two.Rootfs, "changed")), Is.EqualTo("old"));
        Assert.That(Inode(two), Is.EqualTo(Inode(one)));
        Assert.That(_store.Meter().MeasureSharing().Select(static image => image.Shared), Is.EquivalentTo(["aaa".Length, "aaa".Length + "old".Length + "g".Length]));
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
        Assert.That(_store.Open().Images.Remove(ImageReference.Parse($"example.com/one@{one.Digest}"), force: false), Is.EqualTo([one.Digest]));
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty, "what is left is whole");

        ulong Inode(StoredImage image) => TreeListing.Status(Path.Combine(_store.Root, image.Rootfs), "a").Inode;
    }

    [Test]
    public async Task Pull_StoredImageLacksAFile_FetchesTheLayerAllTheSame()
    {
        var common = new TarBuilder().File("huge", new string('h', 1_300_000)).File("b", "b").Build();
        _source.Add("example.com/one:1", TestImage.Of(common, new TarBuilder().File(".wh.huge", "").Build()));
        await PullAsync();
        Offer([common, .. Own()]);
        var before = _source.Opened;
        var two = await PullAsync();
        Assert.That(_source.Opened - before, Is.EqualTo(2));
        Assert.That(new FileInfo(Path.Combine(_store.Root, two.Rootfs, "huge")).Length, Is.EqualTo(1_300_000));
    }

    public void Dispose() => _store.Dispose();

    private sealed class Recorder(List<PullProgress> reports) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => reports.Add(value);
    }

    private static byte[][] Own() => [new TarBuilder().File("own", "o").Build()];

    private void Offer(byte[][] layers) => _source.Add("example.com/one:1", TestImage.Of(layers));

    private Task<StoredImage> PullAsync(IProgress<PullProgress>? progress = null)
    {
        var (images, parts, _) = _store.Open();
        return new ImagePuller(_source, images, parts, TimeProvider.System).PullAsync(s_one, Platform.Current, progress, CancellationToken.None);
    }
}
