using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Contracts;

/// <summary>What the upkeep of every store promises, and what measures it.</summary>
internal abstract class StoreUpkeepContract
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");
    private static readonly ImageReference s_two = ImageReference.Parse("two");

    protected abstract IImageStore Images { get; }

    protected abstract IContainerStore Containers { get; }

    protected abstract IPartStore Parts { get; }

    protected abstract IStoreUpkeep Upkeep { get; }

    protected abstract IStoreMeter Meter { get; }

    [Test]
    public void EmptyStore_IsSoundAndHasNothingToPrune()
    {
        AssertNothing(Upkeep.Prune(new PruneOptions { Unfinished = true }));
        Assert.That(Upkeep.Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
        Assert.That(Meter.Measure().Images, Is.Empty);
        Assert.That(Meter.MeasureSharing(), Is.Empty);
    }

    [Test]
    public void Prune_TakesTheNameless_AndSparesTheNamed()
    {
        var old = Add(TestImage.Small("old"), s_one);
        var young = Add(TestImage.Small("new"), s_one);
        var report = Upkeep.Prune(new PruneOptions());
        Assert.That(report.Images, Is.EqualTo([old.Digest]));
        Assert.That(report.Bytes, Is.Positive);
        Assert.That(Images.Find(old.Digest), Is.Null);
        Assert.That(Images.Find(s_one)!.Digest, Is.EqualTo(young.Digest));
        AssertNothing(Upkeep.Prune(new PruneOptions()));
    }

    [Test]
    public void Prune_SparesTheImageOfAContainer_UntilThatIsGone()
    {
        var old = Add(TestImage.Small("old"), s_one);
        Containers.Create(old, Record("work", old)).Dispose();
        var running = Containers.CreateEphemeral(old, Record("any", old));
        Add(TestImage.Small("new"), s_one);
        AssertNothing(Upkeep.Prune(new PruneOptions()));
        running.Dispose();
        AssertNothing(Upkeep.Prune(new PruneOptions()));
        Assert.That(Containers.Find("work"), Is.Not.Null);
        Containers.Remove("work", force: false);
        Assert.That(Upkeep.Prune(new PruneOptions()).Images, Is.EqualTo([old.Digest]));
    }

    [Test]
    public void Prune_KeepsWhatAPullWouldResumeFrom_UnlessAsked()
    {
        var image = TestImage.Small();
        var layer = image.Content.Manifest.Layers[0];
        using (var part = Parts.Open(layer))
        {
            part.Append(image.Blobs[layer.Digest].AsSpan(0, 10));
        }

        AssertNothing(Upkeep.Prune(new PruneOptions()));
        Assert.That(Meter.Measure().Parts.Count, Is.EqualTo(1));
        Assert.That(Upkeep.Prune(new PruneOptions { Unfinished = true }).Parts, Is.EqualTo(1));
        using var again = Parts.Open(layer);
        Assert.That(again.Length, Is.Zero);
    }

    [Test]
    public void Prune_SparesAPartThatIsHeld()
    {
        var layer = TestImage.Small().Content.Manifest.Layers[0];
        using var part = Parts.Open(layer);
        part.Append("held"u8);
        Assert.That(Upkeep.Prune(new PruneOptions { Unfinished = true }).Parts, Is.Zero);
        Assert.That(part.Length, Is.EqualTo(4));
    }

    [Test]
    public void Check_SoundStore_FindsNothing()
    {
        var image = Add(TestImage.Small(), s_one);
        Images.Tag(s_two, image.Digest);
        Containers.Create(image, Record("work", image)).Dispose();
        var report = Upkeep.Check(new CheckOptions(), CancellationToken.None);
        Assert.That((report.Images, report.IsDamaged), Is.EqualTo((1, false)));
        Assert.That(report.Findings, Is.Empty);
    }

    [Test]
    public void Check_CanBeCancelled()
    {
        Add(TestImage.Small(), s_one);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.That(() => Upkeep.Check(new CheckOptions(), cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Share_AndUnshare_CanBeRepeated_AndHarmNothing()
    {
        Add(TestImage.Small(), s_one);
        Upkeep.Share();
        Add(TestImage.Small("new"), s_two);
        Assert.That(Upkeep.Share().Cleared, Is.Zero);
        Upkeep.Unshare();
        Upkeep.Unshare();
        Assert.That(Upkeep.Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void Measure_ListsImagesAndContainers()
    {
        var image = Add(TestImage.Small(), s_one);
        Containers.Create(image, Record("work", image)).Dispose();
        var usage = Meter.Measure();
        Assert.That(usage.Images.Select(one => one.Image.Digest), Is.EqualTo([image.Digest]));
        Assert.That(usage.Images[0].Own, Is.EqualTo(usage.Images[0].Bytes).And.Positive, "there is nobody to share with");
        Assert.That(usage.ImageBytes, Is.EqualTo(usage.Images[0].Bytes));
        Assert.That(usage.Containers.Select(container => container.Name), Is.EqualTo(["work"]));
    }

    protected StoredImage Add(TestImage image, ImageReference reference)
    {
        using var builder = Images.Begin(image.Content);
        for (var index = 0; builder.Existing is null && index < image.Archives.Count; index++)
        {
            builder.Apply(new MemoryStream(image.Archives[index]), CancellationToken.None);
        }

        return builder.Publish(reference);
    }

    protected static ContainerRecord Record(string name, StoredImage image) => new()
    {
        Name = name,
        Image = s_one,
        ImageDigest = image.Digest,
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions(),
    };

    private static void AssertNothing(PruneReport report) => Assert.That(
        (report.Images.Count, report.Containers.Count, report.Parts, report.Leftovers, report.Locks, report.Bytes, report.Failures.Count), Is.EqualTo((0, 0, 0, 0, 0, 0L, 0)));
}
