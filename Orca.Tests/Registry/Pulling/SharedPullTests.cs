using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Layers;

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

    /// <summary>What is new: the layer, and the directories of the tree, for a directory cannot have a second name.</summary>
    [TestCase(10_000)]
    [TestCase(1_000_000)]
    public async Task Pull_LayerOnAStoredImage_GrowsTheDiskByHardlyMoreThanTheNew(int size)
    {
        var common = new TarBuilder();
        for (var directory = 0; directory < 400; directory++)
        {
            common.Dir($"usr/share/package{directory}/");
            for (var file = 0; file < 5; file++)
            {
                common.File($"usr/share/package{directory}/file{file}", $"{directory} {file}");
            }
        }

        Offer([common.Build()]);
        await PullAsync();
        var before = Allocated(_store.Root, static status => true);
        Offer([common.Build(), new TarBuilder().File("new", new string('n', size)).Build()]);
        var two = await PullAsync();
        var grown = Allocated(_store.Root, static status => true) - before;
        var directories = Allocated(Path.Combine(_store.Root, two.Rootfs), static status => status.IsDirectory);
        TestContext.Out.WriteLine($"{grown} bytes for {size} and {directories} of directories");
        Assert.That(grown, Is.LessThanOrEqualTo(size + directories + 0.05 * (size + (400 * 4096))), "a directory may lie in its inode, as on tmpfs; the records are as small as where it does not");
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

    [Test]
    public async Task Pull_SharedLayerIsRefused_KeepsThePartsOfTheOthers()
    {
        var common = new TarBuilder().File("a", "aaa").Link("bad", "").Build();
        _source.Add("example.com/one:1", TestImage.Of(common, new TarBuilder().File(".wh.bad", "").Build()));
        await PullAsync();
        var two = Offer([common, .. Own()]);
        var refusal = await Assert.ThrowsAsync<LayerException>(() => PullAsync());
        Assert.That(refusal!.Message, Does.EndWith(": cannot unpack 'bad' (layer 1, byte 1024): its link target is empty"), "as without the stored image");
        Assert.That(_store.Names("parts"), Is.EqualTo(["sha256-" + two.Content.Manifest.Layers[1].Digest.Hex]), "what is good stays");
    }

    [Test]
    public async Task Pull_DonorIsDamaged_AndThereIsNoRoomForTheLayer_SaysSoBeforeItsFirstByte_AndLosesNothing()
    {
        var two = await OfferAnotherThanTheDamagedOneAsync(new TarBuilder().File("a", "aaa").Build());
        var layers = two.Content.Manifest.Layers;
        _source.OnResolve = _ => two.Content with { Manifest = two.Content.Manifest with { Layers = [layers[0] with { Size = 1L << 60 }, layers[1]] } };
        var before = _source.Opened;
        var error = await Assert.ThrowsAsync<StoreException>(() => PullAsync());
        Assert.That(error!.Message, Does.StartWith("cannot store the image: it needs more than ").And.Contain(" MB are free in the store"));
        Assert.That(_source.Opened - before, Is.EqualTo(1), "the layer that no image has");
        Assert.That((_store.Open().Images.List().Count, _store.Names("staging").Length), Is.EqualTo((1, 0)));
        _source.OnResolve = null;
        await PullAsync();
        Assert.That(_source.Opened - before, Is.EqualTo(2), "what was fetched is not fetched again");
    }

    [Test]
    public async Task Build_DonorIsDamaged_AndTheDiskFillsUp_TellsTheLayersSizeToo()
    {
        var random = new byte[30_000];
        new Random(5).NextBytes(random);
        var common = new TarBuilder().File("a", Convert.ToBase64String(random)).Build();
        var two = await OfferAnotherThanTheDamagedOneAsync(common);
        using var builder = _store.Open().Images.Begin(two.Content);
        Assert.That(builder.Has(TestImage.DigestOf(common)), Is.True);
        var error = Assert.Throws<StoreException>(() => builder.Apply([new FullDisk(TestImage.DigestOf(common)), new MemoryLayer(Own()[0])], CancellationToken.None))!;
        Assert.That(error.Message, Does.Contain("no space left").And.Contain($"the layers need more than {two.Content.Manifest.Layers.Sum(static layer => layer.Size) / 1000} kB"));
        Assert.That(builder.Has(TestImage.DigestOf(common)), Is.False);
    }

    [Test]
    public async Task Pull_OnlyThePassFromTheBaseCanMakeIt_TakesTheLayers()
    {
        byte[][] common = [new TarBuilder().Dir("usr/").Dir("usr/lib/").Link("lib", "usr/lib").Build(), new TarBuilder().File("lib/y", "y").Build()];
        Offer(common);
        await PullAsync();
        var before = _source.Opened;
        Offer([.. common, new TarBuilder().File("lib/x", "x").Build()]);
        var image = await PullAsync();
        Assert.That(TreeListing.Paths(Path.Combine(_store.Root, image.Rootfs)), Is.EqualTo("lib usr usr/lib usr/lib/x usr/lib/y"));
        Assert.That(_source.Opened - before, Is.EqualTo(1));
    }

    [Test]
    public async Task Pull_FaultAboveTakenLayers_IsSaidByTheArchives_WhichComeBesideEachOther()
    {
        byte[][] common = [new TarBuilder().Dir("usr/").Dir("usr/lib/").Link("lib", "usr/lib").Build(), .. Enumerable.Range(0, 4).Select(static i => new TarBuilder().File($"c{i}", $"{i}").Build())];
        Offer(common);
        await PullAsync();
        var top = Offer([.. common, new TarBuilder().File("lib/x", "x").Hard("lib/y", "lib/none").Build()]).Content.Manifest.Layers[^1];
        using var together = new CountdownEvent(3);
        var (before, under, isOver) = (_source.Opened, 0, false);
        _source.OnOpen = (blob, _, token) =>
        {
            if (blob != top)
            {
                isOver |= Interlocked.Increment(ref under) > 3;
                if (!together.IsSet)
                {
                    together.Signal();
                }

                Assert.That(together.Wait(TimeSpan.FromSeconds(30), token), Is.True, "three come at once");
                Interlocked.Decrement(ref under);
            }

            return null;
        };
        Assert.That((await Assert.ThrowsAsync<LayerException>(() => PullAsync()))!.Message, Does.Contain(": cannot unpack 'lib/y' (layer 6, "));
        Assert.That((_source.Opened - before, isOver), Is.EqualTo((common.Length + 1, false)), "and never more than three");
    }

    public void Dispose() => _store.Dispose();

    /// <summary>A layer that meets a full disk.</summary>
    private sealed class FullDisk(Digest diffId) : ILayerSource
    {
        public Digest DiffId => diffId;

        public void Announce()
        {
        }

        public Stream Open(CancellationToken cancellationToken) => new FailingStream([], new LinuxException("write", "part", Errno.ENOSPC));
    }

    private sealed class Recorder(List<PullProgress> reports) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => reports.Add(value);
    }

    private static byte[][] Own() => [new TarBuilder().File("own", "o").Build()];

    /// <summary>Stores an image of one layer, spoils its file, and offers another with that layer.</summary>
    private async Task<TestImage> OfferAnotherThanTheDamagedOneAsync(byte[] common)
    {
        Offer([common]);
        var one = await PullAsync();
        await File.WriteAllTextAsync(Path.Combine(_store.Root, one.Rootfs, "a"), "other");
        return Offer([common, .. Own()]);
    }

    private TestImage Offer(byte[][] layers)
    {
        var image = TestImage.Of(layers);
        _source.Add("example.com/one:1", image);
        return image;
    }

    /// <summary>Bytes on the disk of what is in a directory and is wanted; a file with several names counts once.</summary>
    private static long Allocated(string directory, Func<FileStatus, bool> isWanted) =>
        new DirectoryInfo(directory).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => TreeListing.Status(directory, Path.GetRelativePath(directory, entry.FullName))).Where(isWanted).DistinctBy(static status => status.Inode).Sum(static status => status.Allocated);

    private Task<StoredImage> PullAsync(IProgress<PullProgress>? progress = null)
    {
        var (images, parts, _) = _store.Open();
        return new ImagePuller(_source, images, parts, TimeProvider.System).PullAsync(s_one, Platform.Current, progress, CancellationToken.None);
    }
}
