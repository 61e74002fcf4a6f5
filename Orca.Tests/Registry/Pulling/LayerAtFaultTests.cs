using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pulling;

/// <summary>Which layers a pull forgets when one is wrong.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LayerAtFaultTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly FakeImageSource _source = new();

    [Test]
    public async Task Pull_APlaceLiesAboutAllLayers_AndThereIsAnother_TakesNoneOfItsBytes()
    {
        var image = Offer(Layers(4));
        var (isLying, distrusted) = (true, new List<Descriptor>());
        _source.OnOpen = (blob, offset, _) => isLying ? new MemoryStream(Spoil(image.Blobs[blob.Digest], (int)offset)) : null;
        _source.OnReportCorruption = blob =>
        {
            distrusted.Add(blob);
            isLying = false;
            return true;
        };
        var stored = await PullAsync();
        Assert.That(TreeListing.Paths(Path.Combine(_store.Root, stored.Rootfs)), Is.EqualTo("layer0 layer1 layer2 layer3 same"));
        Assert.That(distrusted, Is.EqualTo([image.Content.Manifest.Layers[3]]), "the first that was read");
    }

    [Test]
    public void Pull_HostileLayer_WhoseFaultComesOutWhileTheNextIsRead_TakesNoOtherPartWithIt()
    {
        var name = new string('n', 300); // more than the kernel takes, which is found out by the threads that write
        var image = Offer([Layers(1)[0], new TarBuilder().Gnu('L', name).File(name, "x").Build()]);
        using var lowerIsAsked = new ManualResetEventSlim();
        _source.OnOpen = (blob, _, token) =>
        {
            if (blob == image.Content.Manifest.Layers[0])
            {
                lowerIsAsked.Set();
            }
            else
            {
                lowerIsAsked.Wait(token);
            }

            return null;
        };
        Assert.That(() => PullAsync(), Throws.TypeOf<LayerException>().With.Message.Contains("(layer 2, ").And.Property(nameof(LayerException.Layer)).EqualTo(2));
        Assert.That(_store.Names("images"), Is.Empty);
        Assert.That(_store.Names("parts"), Is.EqualTo(["sha256-" + image.Content.Manifest.Layers[0].Digest.Hex]));
    }

    public void Dispose() => _store.Dispose();

    private static byte[][] Layers(int count) => [.. Enumerable.Range(0, count).Select(i => new TarBuilder().File($"layer{i}", $"content {i}").File("same", $"{i}").Build())];

    private static byte[] Spoil(byte[] bytes, int offset)
    {
        var copy = bytes.ToArray();
        copy[^6] ^= 1;
        return copy[offset..];
    }

    private TestImage Offer(byte[][] layers)
    {
        var image = TestImage.Of(layers);
        _source.Add("example.com/one:1", image);
        return image;
    }

    private Task<StoredImage> PullAsync()
    {
        var (images, parts, _) = _store.Open();
        return new ImagePuller(_source, images, parts, TimeProvider.System).PullAsync(ImageReference.Parse("example.com/one:1"), Platform.Current, null, CancellationToken.None);
    }
}
