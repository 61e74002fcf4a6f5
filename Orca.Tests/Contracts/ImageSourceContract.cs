using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Contracts;

/// <summary>What every image source promises.</summary>
internal abstract class ImageSourceContract
{
    /// <summary>A source that has <paramref name="image"/> under the name that is returned.</summary>
    protected abstract (IImageSource Source, ImageReference Reference) Offer(TestImage image);

    [Test]
    public async Task Resolve_HandsOutTheBytesThatTheDigestsName()
    {
        var image = TestImage.Small();
        var (source, reference) = Offer(image);
        var content = await source.ResolveAsync(reference, Platform.Current, CancellationToken.None);
        Assert.That(content.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(TestImage.DigestOf(content.ManifestBytes.ToArray()), Is.EqualTo(content.Digest));
        Assert.That(TestImage.DigestOf(content.ConfigBytes.ToArray()), Is.EqualTo(content.Manifest.Config.Digest));
        Assert.That(content.Config.DiffIds, Is.EqualTo(image.Content.Config.DiffIds));
    }

    [Test]
    public async Task OpenBlob_GivesTheBytesFromTheOffsetOn([Values(0, 1, -1)] int offset)
    {
        var image = TestImage.Small();
        var (source, reference) = Offer(image);
        var layer = image.Content.Manifest.Layers[0];
        var from = offset < 0 ? layer.Size + offset : offset;
        await using var stream = await source.OpenBlobAsync(reference, layer, from, CancellationToken.None);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        Assert.That(all.ToArray(), Is.EqualTo(image.Blobs[layer.Digest].Skip((int)from)));
    }

    [Test]
    public async Task ReportCorruption_WhereThereIsNoOtherPlace_ChangesNothing()
    {
        var image = TestImage.Small();
        var (source, reference) = Offer(image);
        var layer = image.Content.Manifest.Layers[0];
        Assert.That(source.ReportCorruption(reference, layer), Is.False, "nothing came of it yet");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await using var stream = await source.OpenBlobAsync(reference, layer, 0, CancellationToken.None);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            Assert.That(all.ToArray(), Is.EqualTo(image.Blobs[layer.Digest]));
            Assert.That(source.ReportCorruption(reference, layer), Is.False);
        }
    }

    [Test]
    public void Resolve_NoSuchImage_IsARegistryException()
    {
        var (source, reference) = Offer(TestImage.Small());
        Assert.That(() => source.ResolveAsync(reference.WithTag("no-such"), Platform.Current, CancellationToken.None), Throws.TypeOf<RegistryException>());
    }

    [Test]
    public void Resolve_Cancelled_Stops()
    {
        var (source, reference) = Offer(TestImage.Small());
        Assert.That(() => source.ResolveAsync(reference, Platform.Current, new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
    }
}
