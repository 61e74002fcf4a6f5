using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Contracts;

/// <summary>What every image store promises.</summary>
internal abstract class ImageStoreContract
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");
    private static readonly ImageReference s_two = ImageReference.Parse("two");

    protected abstract IImageStore Store { get; }

    [Test]
    public void Find_EmptyStore_IsNull()
    {
        Assert.That(Store.Find(s_one), Is.Null);
        Assert.That(Store.Find(TestImage.Small().Content.Digest), Is.Null);
        Assert.That(Store.List(), Is.Empty);
    }

    [Test]
    public void Publish_ThenFind_ByNameByDigestAndByPinnedName()
    {
        var image = TestImage.Small();
        var stored = Add(image, s_one);
        Assert.That(stored.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(Store.Find(s_one)!.Digest, Is.EqualTo(stored.Digest));
        Assert.That(Store.Find(stored.Digest)!.References, Is.EqualTo([s_one]));
        Assert.That(Store.Find(ImageReference.Parse($"example.com/one@{stored.Digest}"))!.Digest, Is.EqualTo(stored.Digest));
        Assert.That(Store.Find(s_one)!.Config.Cmd, Is.EqualTo(["sh"]));
    }

    [Test]
    public void Begin_ImageIsThere_HasNothingToDo()
    {
        var image = TestImage.Small();
        Add(image, s_one);
        using var builder = Store.Begin(image.Content);
        Assert.That(builder.Existing!.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(builder.Publish(s_two).References, Is.EqualTo([s_two, s_one]));
    }

    [Test]
    public void Builder_DisposedUnpublished_LeavesNothing()
    {
        var image = TestImage.Small();
        using (var builder = Store.Begin(image.Content))
        {
            builder.Apply(new MemoryStream(image.Archives[0]), CancellationToken.None);
        }

        Assert.That(Store.Find(image.Content.Digest), Is.Null);
        Assert.That(Store.List(), Is.Empty);
        Assert.That(Add(image, s_one).Digest, Is.EqualTo(image.Content.Digest), "and the way is free for the next");
    }

    [Test]
    public void Builder_StreamFailsAtItsEnd_ThrowsAndLeavesNothing()
    {
        var image = TestImage.Small();
        using (var builder = Store.Begin(image.Content))
        {
            Assert.That(() => builder.Apply(new FailingStream(image.Archives[0], new ContentException("wrong")), CancellationToken.None), Throws.TypeOf<ContentException>());
        }

        Assert.That(Store.Find(image.Content.Digest), Is.Null);
    }

    [Test]
    public void Begin_WhileAnotherBuilds_WaitsAndFindsTheImage()
    {
        var image = TestImage.Small();
        var builder = Store.Begin(image.Content);
        var second = Task.Run(() =>
        {
            using var waiting = Store.Begin(image.Content);
            return waiting.Existing;
        });
        Assert.That(second.Wait(100), Is.False, "it waits");
        builder.Apply(new MemoryStream(image.Archives[0]), CancellationToken.None);
        builder.Publish(s_one);
        builder.Dispose();
        Assert.That(second.Result!.Digest, Is.EqualTo(image.Content.Digest));
    }

    [Test]
    public void Begin_WhileAnotherBuilds_CanBeCancelled()
    {
        var image = TestImage.Small();
        using var builder = Store.Begin(image.Content);
        using var cancel = new CancellationTokenSource(50);
        Assert.That(() => Store.Begin(image.Content, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Tag_MovesAName()
    {
        var (old, young) = (Add(TestImage.Small("old"), s_one), Add(TestImage.Small("new"), s_two));
        Store.Tag(s_one, young.Digest);
        Assert.That(Store.Find(s_one)!.Digest, Is.EqualTo(young.Digest));
        Assert.That(Store.Find(old.Digest)!.References, Is.Empty, "the old one stays, without a name");
        Assert.That(Store.List().Select(image => image.Digest), Is.EqualTo([young.Digest, old.Digest]), "by name, the nameless last");
    }

    [Test]
    public void Tag_NoSuchImage_IsRefused() =>
        Assert.That(() => Store.Tag(s_one, TestImage.Small().Content.Digest), Throws.TypeOf<StoreException>());

    [Test]
    public void Remove_TakesNamesAway_AndTheImageWithTheLast()
    {
        var image = Add(TestImage.Small(), s_one);
        Store.Tag(s_two, image.Digest);
        Assert.That(Store.Remove(s_one, force: false), Is.Empty);
        Assert.That(Store.Find(s_one), Is.Null);
        Assert.That(Store.Find(s_two), Is.Not.Null);
        Assert.That(Store.Remove(s_two, force: false), Is.EqualTo([image.Digest]));
        Assert.That(Store.Find(image.Digest), Is.Null);
        Assert.That(() => Store.Remove(s_two, force: false), Throws.TypeOf<StoreException>().With.Message.Contains("not in the store"));
        Assert.That(Store.Remove(s_two, force: true), Is.Empty, "by force, what is missing is no error");
    }

    [Test]
    public void Remove_ByDigest_TakesOnlyWhatHasNoOtherName()
    {
        var image = Add(TestImage.Small(), s_one);
        var pinned = ImageReference.Parse($"anything@{image.Digest}");
        Assert.That(() => Store.Remove(pinned, force: false), Throws.TypeOf<StoreException>().With.Message.Contains("other names"));
        Store.Tag(s_one, Add(TestImage.Small("new"), s_two).Digest);
        Assert.That(Store.Remove(pinned, force: false), Is.EqualTo([image.Digest]));
    }

    protected StoredImage Add(TestImage image, ImageReference reference)
    {
        using var builder = Store.Begin(image.Content);
        foreach (var archive in image.Archives)
        {
            builder.Apply(new MemoryStream(archive), CancellationToken.None);
        }

        return builder.Publish(reference);
    }
}
