using System.Diagnostics;
using System.Security.Cryptography;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>The streams of a layer's way: verifying, and reading ahead.</summary>
public sealed class StreamTests
{
    private static readonly byte[] Blob = [.. Enumerable.Range(0, 1_000_000).Select(i => (byte)(i * 31 / 8))];

    private static VerifyingStream Verify(byte[] bytes, long? size, bool sha512 = false) =>
        new(new MemoryStream(bytes), sha512 ? Digest.OfSha512(SHA512.HashData(Blob)) : Digest.OfSha256(SHA256.HashData(Blob)), size, "layer x");

    [Test]
    public void Verifying_RightBytes_Pass([Values] bool sha512, [Values] bool sized)
    {
        using var stream = Verify(Blob, sized ? Blob.Length : null, sha512);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        Assert.That(copy.ToArray().AsSpan().SequenceEqual(Blob), Is.True);
        Assert.That(stream.BytesRead, Is.EqualTo(Blob.Length));
    }

    [Test]
    public void Verifying_WrongBytes_AreRefusedAtTheEnd_AndAfter([Values] bool sha512)
    {
        byte[] wrong = [.. Blob[..^1], (byte)(Blob[^1] ^ 1)];
        using var stream = Verify(wrong, Blob.Length, sha512);
        Assert.That(stream.Drain, Throws.TypeOf<ContentException>().With.Message.StartsWith("cannot verify layer x: expected sha"));
        Assert.That(stream.Drain, Throws.TypeOf<ContentException>());
    }

    [Test]
    public void Verifying_TooManyBytes_AreRefusedAtOnce()
    {
        using var stream = Verify([.. Blob, 1], Blob.Length);
        Assert.That(stream.Drain, Throws.TypeOf<ContentException>().With.Message.Contains("more than the promised 1000000 bytes"));
    }

    [Test]
    public void Verifying_TooFewBytes_AreTruncated()
    {
        using var stream = Verify(Blob[..^1], Blob.Length);
        Assert.That(stream.Drain, Throws.TypeOf<ContentException>().With.Message.Contains("truncated after 999999 of 1000000 bytes"));
    }

    [Test]
    public void Verifying_ReaderThatStopsEarly_SeesTheRestByDraining()
    {
        using var stream = Verify([.. Blob[..^1], 0], Blob.Length);
        _ = stream.Read(new byte[10]);
        Assert.That(stream.Drain, Throws.TypeOf<ContentException>());
    }

    [Test]
    public void Layer_T06_DiffIdOnlyUpToTheEndOfTheArchive_IsRefused()
    {
        var archive = new TarBuilder().File("a").Build();
        byte[] longer = [.. archive, .. new byte[512]];
        using var bench = new LayerBench();
        using var rootfs = FileSystem.OpenDirectory(null, PathZ.From(bench.Root));
        using var flattener = new Flattener(rootfs, LayerLimits.Default);
        using var stream = LayerChain.Open(LayerBench.Pack(longer, Packing.Gzip), archive);
        Assert.That(() => flattener.Apply(stream, default), Throws.TypeOf<ContentException>().With.Message.Contains("diff_id of layer 1"));
    }

    /// <summary>The two empty layers that half of all images have, as registries hold them.</summary>
    [TestCase("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [TestCase("H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=", "a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4", "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")]
    public void Layer_T01_T02_EmptyLayersOfTheWorld_ChangeNothing(string base64, string digest, string diffId)
    {
        var blob = Convert.FromBase64String(base64);
        using var bench = new LayerBench();
        using var rootfs = FileSystem.OpenDirectory(null, PathZ.From(bench.Root));
        using var flattener = new Flattener(rootfs, LayerLimits.Default);
        var descriptor = LayerChain.Describe(blob, blob.Length == 0 ? MediaTypes.OciLayer : MediaTypes.DockerLayerGzip) with { Digest = Digest.Parse("sha256:" + digest) };
        using var stream = LayerStream.Open(new MemoryStream(blob), descriptor, Digest.Parse("sha256:" + diffId), 1, ratio: null, CancellationToken.None);
        flattener.Apply(stream, default);
        Assert.That(flattener.Complete().Entries, Is.Zero);
        Assert.That(bench.Paths(), Is.Empty);
    }

    [Test]
    public void ReadAhead_GivesTheSameBytes([Values(1, 1000, 300_000)] int chunk)
    {
        using var stream = new ReadAheadStream(new MemoryStream([.. Blob, .. Blob, .. Blob]), Stream.Null, default);
        using var copy = new MemoryStream();
        var buffer = new byte[chunk];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            copy.Write(buffer, 0, count);
        }

        Assert.That(copy.ToArray().AsSpan().SequenceEqual([.. Blob, .. Blob, .. Blob]), Is.True);
        Assert.That(stream.Read(buffer), Is.Zero);
    }

    [Test]
    public void ReadAhead_Fault_ReachesTheReader()
    {
        using var stream = new ReadAheadStream(Verify(Blob[..^1], Blob.Length), Stream.Null, default);
        Assert.That(() => stream.CopyTo(Stream.Null), Throws.TypeOf<ContentException>());
        Assert.That(() => stream.Read(new byte[1]), Throws.TypeOf<ContentException>());
    }

    [Test]
    public void ReadAhead_Cancelled_EndsTheWait()
    {
        using var cancel = new CancellationTokenSource(100);
        var stuck = new StuckStream([]);
        using var stream = new ReadAheadStream(stuck, stuck, cancel.Token);
        Assert.That(() => stream.Read(new byte[1]), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Cve_2021_20291_T45_ApplierThatFails_DoesNotWaitForTheDownload()
    {
        var start = new TarBuilder().File("a", "x").File("b", fields: new() { Size = TarBuilder.Base256(-1, 12) }).Raw(new byte[400_000]).BuildOpen();
        using var bench = new LayerBench();
        using var rootfs = FileSystem.OpenDirectory(null, PathZ.From(bench.Root));
        using var flattener = new Flattener(rootfs, LayerLimits.Default);
        var watch = Stopwatch.StartNew();
        var stuck = new StuckStream(start);
        using (var stream = new ReadAheadStream(stuck, stuck, default))
        {
            Assert.That(() => flattener.Apply(stream, default), Throws.TypeOf<LayerException>());
        }

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void Cve_2026_114236_T46_MalformedLayers_LeaveNothingOpen()
    {
        var packed = LayerBench.Pack(new TarBuilder().Dir("a").File("a/b/f", "x").File("c", fields: new() { Size = TarBuilder.Base256(-1, 12) }).Build(), Packing.Gzip);
        var (before, threads) = (0, 0);
        for (var i = Sampling.Rounds(300); i > 0; i--)
        {
            if (i == 40)
            {
                Collect(); // what other tests left to the finalizer
                (before, threads) = (Directory.GetFileSystemEntries("/proc/self/fd").Length, Directory.GetDirectories("/proc/self/task").Length);
            }

            using var bench = new LayerBench();
            using var rootfs = FileSystem.OpenDirectory(null, PathZ.From(bench.Root));
            using var flattener = new Flattener(rootfs, LayerLimits.Default);
            using var stream = LayerChain.Open(packed, []);
            Assert.That(() => flattener.Apply(stream, default), Throws.InstanceOf<OrcaException>());
        }

        Assert.That(Directory.GetFileSystemEntries("/proc/self/fd"), Has.Length.LessThanOrEqualTo(before + 5), "others in this process may open some");
        Assert.That(Directory.GetDirectories("/proc/self/task"), Has.Length.LessThanOrEqualTo(threads + 20), "each layer has a thread of its own while it lasts");
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Gives its bytes, then waits until it is disposed, as a stalled connection does.</summary>
    private sealed class StuckStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly ManualResetEventSlim _disposed = new();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            if (read == 0)
            {
                _disposed.Wait();
            }

            return read;
        }

        protected override void Dispose(bool disposing)
        {
            _disposed.Set();
            base.Dispose(disposing);
        }
    }
}
