using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pulling;

/// <summary>A pull that keeps no compressed bytes.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StreamedPullTests : IDisposable
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");
    private readonly TestStore _store = new();
    private readonly FakeImageSource _source = new();
    private readonly MemoryPartStore _parts = new();

    public void Dispose() => _store.Dispose();

    [Test]
    public async Task Layers_ComeOneAfterTheOther_AndAreNotKept()
    {
        var image = Offer(4);
        var open = 0;
        _source.OnOpen = (blob, offset, _) =>
        {
            Assert.That((offset, Interlocked.Increment(ref open)), Is.EqualTo((0L, 1)).Or.EqualTo((0L, 2)), "the next one may begin while the end of one is checked");
            return new Closing(image.Blobs[blob.Digest], () => Interlocked.Decrement(ref open));
        };
        var stored = await PullAsync();
        Assert.That(TreeListing.Paths(Path.Combine(_store.Root, stored.Rootfs)), Is.EqualTo("layer0 layer1 layer2 layer3 same"));
        Assert.That(_source.Opened, Is.EqualTo(4));
        Assert.That((_parts.Count, _store.Names("parts")), Is.EqualTo((0, Array.Empty<string>())));
    }

    [Test]
    public void Layer_ThatEndsEarly_EndsThePull()
    {
        var image = Offer(2);
        _source.OnOpen = (blob, _, _) => new MemoryStream(image.Blobs[blob.Digest][..20]);
        Assert.That(PullAsync, Throws.InstanceOf<ContentException>().With.Message.Contains("truncated after 20 of"));
        Assert.That(_store.Names("images"), Is.Empty);
    }

    /// <summary>As a mirror that serves another file: the source is told, and asked once more.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public async Task WrongBytes_AreAskedForElsewhereOnce(bool isElsewhere)
    {
        var image = Offer(1);
        var distrusted = 0;
        _source.OnReportCorruption = _ => ++distrusted > 0;
        _source.OnOpen = (blob, offset, _) =>
        {
            var bytes = (byte[])image.Blobs[blob.Digest].Clone();
            bytes[^5] ^= (byte)(distrusted == 0 || !isElsewhere ? 1 : 0);
            return new MemoryStream(bytes, (int)offset, bytes.Length - (int)offset);
        };
        var pull = PullAsync();
        if (isElsewhere)
        {
            Assert.That((await pull).Digest, Is.EqualTo(image.Content.Digest));
        }
        else
        {
            Assert.That(() => pull, Throws.InstanceOf<OrcaException>());
        }

        Assert.That(distrusted, Is.GreaterThan(0));
    }

    [Test]
    public void Cancellation_EndsAReadThatWaits()
    {
        Offer(1);
        using var end = new CancellationTokenSource();
        _source.OnOpen = (_, _, _) => new StallingStream([], 0);
        var pull = PullAsync(end.Token);
        end.CancelAfter(50);
        Assert.That(() => pull.WaitAsync(TimeSpan.FromSeconds(20)), Throws.InstanceOf<OperationCanceledException>());
    }

    private TestImage Offer(int layers)
    {
        var image = TestImage.Of([.. Enumerable.Range(0, layers).Select(static i => new TarBuilder().File($"layer{i}", $"{i}").File("same", $"{i}").Build())]);
        _source.Add(s_one.ToString(), image);
        return image;
    }

    private Task<StoredImage> PullAsync() => PullAsync(CancellationToken.None);

    private Task<StoredImage> PullAsync(CancellationToken cancellationToken) =>
        new ImagePuller(_source, _store.Open().Images, _parts, TimeProvider.System, keepsParts: false).PullAsync(s_one, Platform.Current, null, cancellationToken);

    private sealed class Closing(byte[] bytes, Action closed) : MemoryStream(bytes)
    {
        private bool _isClosed;

        protected override void Dispose(bool disposing)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                closed();
            }

            base.Dispose(disposing);
        }
    }
}
