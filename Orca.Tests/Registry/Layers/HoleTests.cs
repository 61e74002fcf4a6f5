using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.TopDown;
using Orca.Tests.Fixtures;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Registry.Layers;

/// <summary>Holes are found, copied, summed and made.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HoleTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orca-holes-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Scanner_FindsTheSameInAFileWithHolesAndInOneOfZeros([Range(1, 30)] int seed)
    {
        var map = HoleMap.Random(seed, 3_000_000 + (seed * 1111));
        var (sparse, dense) = (Scan(map.WriteSparse(Place("sparse"))), Scan(map.WriteDense(Place("dense"))));
        Assert.That(Merge(sparse), Is.EqualTo(Merge(dense)));
        var bytes = map.ToArray();
        var rebuilt = new byte[map.Size];
        foreach (var (offset, data) in sparse)
        {
            Assert.That(offset % DataScanner.Block, Is.Zero);
            data.CopyTo(rebuilt, offset);
        }

        Assert.That(rebuilt.AsSpan().SequenceEqual(bytes), Is.True);
        Assert.That(sparse.Sum(static piece => (long)piece.Data.Length), Is.LessThanOrEqualTo(map.MostAllocated), "blocks of zeros are not among them");
    }

    [Test]
    public void Copy_HasTheBytesAndTheHoles([Range(1, 10)] int seed, [Values] bool isDense)
    {
        var map = HoleMap.Random(seed, 2_000_000 + seed);
        using var source = Open(isDense ? map.WriteDense(Place("from")) : map.WriteSparse(Place("from")), O_RDONLY);
        using (var target = Open(Place("to"), O_WRONLY | O_CREAT | O_EXCL))
        {
            FileCopy.Fill(source, target);
        }

        AssertIs(map, Place("to"));
    }

    [Test]
    public void Writer_MakesHolesOfZeros_WhateverThePieces([Range(1, 20)] int seed)
    {
        var map = HoleMap.Random(seed, 1_000_000 + seed);
        var (bytes, random) = (map.ToArray(), new Random(seed));
        using (var file = Open(Place("f"), O_WRONLY | O_CREAT | O_EXCL))
        {
            var writer = new HoleWriter(file);
            for (var at = 0; at < bytes.Length;)
            {
                var count = Math.Min(bytes.Length - at, random.Next(2) == 0 ? random.Next(300_000) : random.Next(5000));
                writer.Write(bytes.AsSpan(at, count));
                at += count;
            }

            writer.Finish();
        }

        AssertIs(map, Place("f"));
    }

    [Test]
    public void Sum_OfAFileWithHoles_IsThatOfItsBytes([Range(1, 10)] int seed)
    {
        var map = HoleMap.Random(seed, 1_500_000 + seed);
        using var file = Open(map.WriteSparse(Place("f")), O_RDONLY);
        Assert.That(ContentSum.Of(file, map.Size, new byte[64 * 1024]), Is.EqualTo(ContentSum.Of(map.ToArray())));
    }

    [Test]
    public void Sum_OfZeros_IsThatOfWrittenZeros([Values(0, 1, 31, 32, 33, 100, 4096, 100_001)] int zeros, [Values(0, 1, 31, 32, 40)] int before)
    {
        var sum = new ContentSum();
        byte[] start = [.. Enumerable.Range(1, before).Select(static i => (byte)i)];
        sum.Add(start);
        sum.AddZeros(zeros);
        sum.Add([7]);
        Assert.That(sum.Finish(), Is.EqualTo(ContentSum.Of([.. start, .. new byte[zeros], 7])));
    }

    /// <summary>Docker and umoci write such zeros; a page of them costs more than the look at it.</summary>
    [Test]
    public void ZerosOfAnOrdinaryEntry_BecomeHoles([Values(4096, 40_000, 250_000, 3_000_000)] int size)
    {
        var content = new byte[size];
        content[^1] = 1;
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Entry('0', "end", content, new()).Entry('0', "none", new byte[size], new()).Xattr("user.a", [1]).Entry('0', "x", content, new()).Build());
        Assert.That(File.ReadAllBytes(Path.Combine(bench.Root, "end")).AsSpan().SequenceEqual(content), Is.True);
        Assert.That(File.ReadAllBytes(Path.Combine(bench.Root, "none")).AsSpan().SequenceEqual(new byte[size]), Is.True);
        Assert.That((bench.Status("end").Allocated, bench.Status("none").Allocated), Is.EqualTo((4096L, 0L)));
        Assert.That(bench.Status("x").Allocated, Is.LessThanOrEqualTo(8192), "one block may be the attribute's");
    }

    [Test]
    public void SparseEntry_HasASum_SoItsLayerCanBeReused()
    {
        var archive = new TarBuilder().Pax(("GNU.sparse.size", "5000000"), ("GNU.sparse.map", "100,3,4999999,1")).Entry('0', "s", "abcd"u8.ToArray(), new()).Build();
        var expected = new byte[5_000_000];
        "abc"u8.CopyTo(expected.AsSpan(100));
        expected[^1] = (byte)'d';
        using var canary = new CanaryTree();
        using (var root = LayerBench.MakeRoot(canary.Root + "/alone"))
        using (var flattener = new TopDownFlattener(root, LayerLimits.Default))
        {
            flattener.Apply(new MemoryStream(archive), 1, null, CancellationToken.None);
            flattener.Finish();
            Assert.That(flattener.Sums.Get(PathHash.Of("s"u8)), Is.EqualTo(ContentSum.Of(expected)));
        }

        var stored = new StoredImages(canary.Root + "/images");
        stored.Flatten([new MemoryLayer(archive)], "first");
        var layer = new MemoryLayer(archive);
        stored.Flatten([layer, new MemoryLayer(new TarBuilder().File("two", "2").Build())], "second");
        Assert.That(layer.Opened, Is.Zero);
        Assert.That(TreeListing.Status(canary.Root + "/images/second/rootfs", "s").Allocated, Is.LessThanOrEqualTo(8192));
    }

    private static List<(long Offset, long Length)> Merge(List<(long Offset, byte[] Data)> pieces)
    {
        var merged = new List<(long Offset, long Length)>();
        foreach (var (offset, data) in pieces)
        {
            if (merged.Count > 0 && merged[^1].Offset + merged[^1].Length == offset)
            {
                merged[^1] = (merged[^1].Offset, merged[^1].Length + data.Length);
            }
            else
            {
                merged.Add((offset, data.Length));
            }
        }

        return merged;
    }

    private static List<(long Offset, byte[] Data)> Scan(string path)
    {
        using var file = Open(path, O_RDONLY);
        var scanner = new DataScanner(file, new FileInfo(path).Length, new byte[64 * 1024]);
        var pieces = new List<(long, byte[])>();
        while (scanner.TryNext(out var offset, out var data))
        {
            pieces.Add((offset, data.ToArray()));
        }

        return pieces;
    }

    private static Fd Open(string path, int flags) => FileSystem.Open(null, PathZ.From(path), flags, 0x180);

    private string Place(string name) => Path.Combine(_directory, name);

    private void AssertIs(HoleMap map, string path)
    {
        Assert.That(File.ReadAllBytes(path).AsSpan().SequenceEqual(map.ToArray()), Is.True);
        Assert.That(TreeListing.Status(_directory, Path.GetFileName(path)).Allocated, Is.LessThanOrEqualTo(map.MostAllocated));
    }
}
