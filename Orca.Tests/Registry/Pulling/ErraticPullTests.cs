using CsCheck;
using NUnit.Framework;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Layers;

namespace Orca.Tests.Registry.Pulling;

/// <summary>Row F20: layers that come at the same time, in pieces and with pauses of every length, are the tree that they are one after the other.</summary>
public sealed class ErraticPullTests
{
    [Test]
    public void Cve_2025_47290_Pull_HoweverTheLayersCome_IsTheTreeOfTheirOrder() =>
        OrderlyLayers.Small.Where(static layers => layers.Length > 1).Sample(static layers => Agree(layers), iter: Sampling.Rounds(60), threads: 1);

    private static bool Agree(byte[][] layers)
    {
        using var store = new TestStore();
        using var canary = new CanaryTree(inMemory: true);
        var source = new FakeImageSource();
        var image = TestImage.Of([.. layers]);
        var random = new Random(layers.Sum(static layer => layer.Length));
        source.Add("erratic", image);
        source.OnOpen = (blob, offset, _) => new ErraticStream(image.Blobs[blob.Digest][(int)offset..], random.Next());
        var (images, parts, _) = store.Open();
        var stored = new ImagePuller(source, images, parts, TimeProvider.System).PullAsync(ImageReference.Parse("erratic"), Platform.Current, null, CancellationToken.None).GetAwaiter().GetResult();
        var path = Path.Combine(store.Root, stored.Rootfs);
        var serial = StoredImages.FromArchives(layers, canary.Root);
        return TreeListing.ReadExactly(path).SequenceEqual(serial.Skip(2)) && File.ReadAllText(Path.Combine(path, "../owners")) == serial[1]
            ? true : throw new AssertionException(string.Join('\n', TreeListing.ReadExactly(path).Except(serial)));
    }

    /// <summary>Gives a few bytes or many, and rests now and then.</summary>
    private sealed class ErraticStream(byte[] bytes, int seed) : ForwardStream
    {
        private readonly Random _random = new(seed);
        private int _position;

        public override int Read(Span<byte> buffer)
        {
            if (_random.Next(4) == 0)
            {
                Thread.Sleep(_random.Next(3));
            }

            var count = Math.Min(Math.Min(buffer.Length, bytes.Length - _position), 1 + _random.Next(_random.Next(2) == 0 ? 100 : 100_000));
            bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
