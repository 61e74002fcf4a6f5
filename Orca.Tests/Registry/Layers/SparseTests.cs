using System.Globalization;
using System.Text;
using NUnit.Framework;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.TarBuilder;

namespace Orca.Tests.Registry.Layers;

/// <summary>T33-T36: sparse files of GNU and PAX archives.</summary>
public sealed class SparseTests
{
    private const long Gap = 1 << 20;

    [Test]
    public void Sparse_T33_Gnu_IsExpanded([Values(0, 1, 4, 21, 60)] int count)
    {
        using var bench = new LayerBench();
        bench.Flatten(GnuSparse(Regions(count), (count + 1) * Gap).File("after", "x").Build());
        AssertContent(bench, "s", count, (count + 1) * Gap);
        Assert.That(bench.Text("after"), Is.EqualTo("x"));
    }

    [Test]
    public void Sparse_T33_AllData_IsExpanded()
    {
        using var bench = new LayerBench();
        bench.Flatten(GnuSparse([(0, 5)], 5).Build());
        Assert.That(bench.Text("s"), Is.EqualTo("00000"));
    }

    [Test]
    public void Sparse_T34_Pax_IsExpandedUnderItsTrueName([Values("0.0", "0.1", "1.0")] string version, [Values(0, 1, 3, 50)] int count)
    {
        using var bench = new LayerBench();
        bench.Flatten(PaxSparse(version, Regions(count), (count + 1) * Gap).File("after", "x").Build());
        AssertContent(bench, "s", count, (count + 1) * Gap);
        Assert.That(bench.Paths(), Is.EqualTo("after s"));
    }

    [Test]
    public void Sparse_T35_BadMap_IsRefused(
        [Values("gnu", "0.0", "0.1", "1.0")] string version,
        [Values("10,5,12,5", "20,5,10,5", "96,5", "100,1", "0,101", "0,4611686018427387904", "9223372036854775807,1")] string map)
    {
        var numbers = map.Split(',').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).Chunk(2).Select(p => (p[0], p[1])).ToList();
        using var bench = new LayerBench();
        var archive = version == "gnu" ? GnuSparse(numbers, 100, stored: 10) : PaxSparse(version, numbers, 100, stored: 10);
        Assert.That(bench.Refusal(archive.Build()), Does.Contain("sparse map"));
    }

    [TestCase("GNU.sparse.map", "-1,5")]
    [TestCase("GNU.sparse.map", "1")]
    [TestCase("GNU.sparse.map", "1,2,")]
    [TestCase("GNU.sparse.map", "a,b")]
    [TestCase("GNU.sparse.numbytes", "5")]
    [TestCase("GNU.sparse.realsize", "-1")]
    [TestCase("GNU.sparse.realsize", "99999999999999999999999")]
    [TestCase("GNU.sparse.major", "x")]
    public void Sparse_T35_BadRecord_IsRefused(string key, string value)
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(new TarBuilder().Pax(("GNU.sparse.numblocks", "1"), ("GNU.sparse.size", "10"), (key, value)).File("a").Build()), Does.Contain("sparse map"));
    }

    [TestCase("2", "0")]
    [TestCase("1", "1")]
    [TestCase("0", "2")]
    public void Sparse_UnknownVersion_IsRefused(string major, string minor)
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(new TarBuilder().Pax(("GNU.sparse.major", major), ("GNU.sparse.minor", minor), ("GNU.sparse.realsize", "0")).File("a").Build()), Does.Contain("unknown version"));
    }

    [TestCase("1000000000\n")]
    [TestCase("1\n0\n")]
    [TestCase("\n")]
    [TestCase("x\n")]
    [TestCase("99999999999999999999999\n")]
    [TestCase("")]
    public void Sparse_T35_BadMapInData_IsRefused(string map)
    {
        using var bench = new LayerBench();
        var data = new byte[map.Length == 0 ? 0 : 512];
        Bytes(map).CopyTo(data, 0);
        Assert.That(bench.Refusal(Pax10(100).Entry('0', "GNUSparseFile.0/s", data, new()).Build()), Does.Contain("sparse map"));
    }

    [Test]
    public void Sparse_T36_LogicalSizeOverTheLimit_IsRefusedBeforeAnythingIsWritten()
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(GnuSparse([(0, 1)], 1L << 40).Build()), Does.Contain("exceeds limit"));
        Assert.That(bench.Paths(), Is.Empty);
    }

    [Test]
    public void Sparse_T36_OneTiBWithinARaisedLimit_TakesNoRoom()
    {
        using var bench = new LayerBench { Limits = new LayerLimits { MaxBytes = 1L << 41 } };
        bench.Flatten(GnuSparse([(1L << 39, 1)], 1L << 40).Build());
        Assert.That(bench.Status("s").Size, Is.EqualTo(1L << 40));
        Assert.That(bench.Status("s").Allocated, Is.LessThan(1 << 20));
    }

    [Test]
    public void Sparse_MapThatDoesNotFitTheData_IsRefused()
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(GnuSparse([(0, 5)], 100, stored: 6).Build()), Does.Contain("sparse map"));
    }

    private static List<(long Offset, long Length)> Regions(int count) => [.. Enumerable.Range(1, count).Select(i => (i * Gap, 1L + i))];

    private static void AssertContent(LayerBench bench, string path, int count, long size)
    {
        Assert.That(bench.Status(path).Size, Is.EqualTo(size));
        Assert.That(bench.Status(path).Allocated, Is.LessThanOrEqualTo((count + 1) * 8192L));
        var expected = new byte[size];
        var next = 0;
        foreach (var (offset, length) in Regions(count))
        {
            for (var i = 0; i < length; i++)
            {
                expected[offset + i] = (byte)('0' + (next++ % 10));
            }
        }

        Assert.That(File.ReadAllBytes(Path.Combine(bench.Root, path)).AsSpan().SequenceEqual(expected), Is.True);
    }

    private static byte[] Data(List<(long Offset, long Length)> regions, long? stored) =>
        [.. Enumerable.Range(0, (int)(stored ?? regions.Sum(r => r.Length))).Select(i => (byte)('0' + (i % 10)))];

    private static TarBuilder GnuSparse(List<(long Offset, long Length)> regions, long realSize, long? stored = null)
    {
        var data = regions is [(0, 5)] && stored is null ? Bytes("00000") : Data(regions, stored);
        var fields = new HeaderFields
        {
            Magic = HeaderFields.GnuMagic,
            Size = Octal(data.Length, 12),
            Patch = block =>
            {
                Put(block, 386, regions.Take(4));
                block[482] = (byte)(regions.Count > 4 ? 1 : 0);
                (realSize < 1L << 33 ? Octal(realSize, 12) : Base256(realSize, 12)).CopyTo(block, 483);
            },
        };
        var archive = new TarBuilder().Entry('S', "s", [], fields);
        for (var done = 4; done < regions.Count; done += 21)
        {
            var block = new byte[512];
            Put(block, 0, regions.Skip(done).Take(21));
            block[504] = (byte)(regions.Count > done + 21 ? 1 : 0);
            archive.Raw(block);
        }

        return archive.Data(data);
    }

    private static void Put(byte[] block, int at, IEnumerable<(long Offset, long Length)> regions)
    {
        foreach (var (offset, length) in regions)
        {
            (offset < 1L << 33 ? Octal(offset, 12) : Base256(offset, 12)).CopyTo(block, at);
            (length < 1L << 33 ? Octal(length, 12) : Base256(length, 12)).CopyTo(block, at + 12);
            at += 24;
        }
    }

    private static TarBuilder Pax10(long realSize) => new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", $"{realSize}"));

    private static TarBuilder PaxSparse(string version, List<(long Offset, long Length)> regions, long realSize, long? stored = null)
    {
        var data = Data(regions, stored);
        if (version == "1.0")
        {
            var map = new StringBuilder($"{regions.Count}\n");
            regions.ForEach(r => map.Append(CultureInfo.InvariantCulture, $"{r.Offset}\n{r.Length}\n"));
            var head = new byte[(map.Length + 511) / 512 * 512];
            Encoding.ASCII.GetBytes(map.ToString()).CopyTo(head, 0);
            return Pax10(realSize).Entry('0', "GNUSparseFile.0/s", [.. head, .. data], new());
        }

        List<(string, string)> records = [("GNU.sparse.size", $"{realSize}"), ("GNU.sparse.numblocks", $"{regions.Count}")];
        if (version == "0.1")
        {
            records.Add(("GNU.sparse.name", "s"));
            records.Add(("GNU.sparse.map", string.Join(',', regions.Select(r => $"{r.Offset},{r.Length}"))));
        }
        else
        {
            records.AddRange(regions.SelectMany(r => new[] { ("GNU.sparse.offset", $"{r.Offset}"), ("GNU.sparse.numbytes", $"{r.Length}") }));
        }

        return new TarBuilder().Pax([.. records]).Entry('0', version == "0.0" ? "s" : "GNUSparseFile.0/s", data, new());
    }
}
