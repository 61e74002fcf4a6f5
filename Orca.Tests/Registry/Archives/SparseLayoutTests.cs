using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Registry.Archives;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Registry.Archives;

/// <summary>What an archive says about holes depends on the bytes alone, and is read again as it was.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SparseLayoutTests : IDisposable
{
    private const int MiB = 1 << 20;
    private readonly string _disk = Directory.CreateTempSubdirectory("orca-sparse-").FullName;
    private readonly string _memory = Directory.CreateDirectory($"/dev/shm/orca-sparse-{Guid.NewGuid():N}").FullName;

    public void Dispose()
    {
        Directory.Delete(_disk, recursive: true);
        Directory.Delete(_memory, recursive: true);
    }

    [Test]
    public void Tree_IsTheSameArchiveFromEveryFileSystem_AndItsHolesSurvive([Range(1, 25)] int seed)
    {
        var maps = new[] { HoleMap.Random(seed, 4_000_000 + seed), HoleMap.Random(-seed, (2 * MiB) + (seed * 4096)), new HoleMap(3 * MiB, []), new HoleMap(MiB - 1, []) };
        foreach (var (map, i) in maps.Select(static (map, i) => (map, i)))
        {
            File.SetLastWriteTimeUtc(map.WriteSparse($"{_disk}/{i}"), DateTime.UnixEpoch);
            File.SetLastWriteTimeUtc(map.WriteSparse($"{_memory}/{i}"), DateTime.UnixEpoch);
        }

        var archive = Archive(_disk);
        Assert.That(Archive(_memory).AsSpan().SequenceEqual(archive), Is.True, "another file system");
        foreach (var (map, i) in maps.Select(static (map, i) => (map, i)))
        {
            File.SetLastWriteTimeUtc(map.WriteDense($"{_disk}/{i}"), DateTime.UnixEpoch);
        }

        Assert.That(Archive(_disk).AsSpan().SequenceEqual(archive), Is.True, "zeros that are no holes");
        using var bench = new Layers.LayerBench();
        bench.Flatten(archive);
        foreach (var (map, i) in maps.Select(static (map, i) => (map, i)))
        {
            Assert.That(File.ReadAllBytes($"{bench.Root}/{i}").AsSpan().SequenceEqual(map.ToArray()), Is.True);
            Assert.That(bench.Status($"{i}").Allocated, Is.LessThanOrEqualTo(map.MostAllocated));
        }
    }

    [TestCase(MiB, 0, "1\n1048576\n0\n")]
    [TestCase(MiB + 1, MiB, "1\n1048576\n1\n", Description = "a block that the file's end cuts")]
    [TestCase(2 * MiB, MiB + 5000, "2\n1052672\n4096\n2097152\n0\n")]
    public void Map_IsThatOfGnuTar(int size, int dataAt, string expected)
    {
        var map = new HoleMap(size, dataAt == 0 ? [] : [(dataAt, 1)]);
        var layout = Read(map.WriteSparse(_disk + "/f"))!;
        Assert.That(System.Text.Encoding.ASCII.GetString(layout.Map).TrimEnd('\0'), Is.EqualTo(expected));
        Assert.That(layout.Map.Length % 512, Is.Zero);
    }

    [Test]
    public void FewZeros_LeaveAFileAsItIs() => Assert.That(Read(new HoleMap(4 * MiB, [(MiB - 8192, (3 * MiB) + 4096)]).WriteSparse(_disk + "/f")), Is.Null);

    /// <summary>A map is bounded, as Go reads one of 1 MiB; small holes go first, and no data ever.</summary>
    [Test]
    public void MoreRegionsThanAMapTakes_MakeItCoarser()
    {
        var map = new HoleMap(16 * MiB, [.. Enumerable.Range(0, 128).Select(static i => ((i / 2 * 262_144L) + (i % 2 * 16_384), 10))]);
        var path = map.WriteSparse(_disk + "/f");
        Assert.That(Read(path)!.Regions, Has.Count.EqualTo(128));
        var coarse = Read(path, mostRegions: 70)!;
        Assert.That(coarse.Regions, Is.EqualTo(Enumerable.Range(0, 64).Select(static i => new SparseRegion(i * 262_144L, 32_768))));
        Assert.That(map.Data.All(one => coarse.Regions.Any(region => region.Offset <= one.Offset && region.Offset + region.Length >= one.Offset + one.Length)), Is.True);
    }

    private static SparseLayout? Read(string path, int mostRegions = SparseLayout.MostRegions)
    {
        using var file = FileSystem.Open(null, PathZ.From(path), O_RDONLY);
        return SparseLayout.Read(file, new FileInfo(path).Length, new byte[64 * 1024], mostRegions);
    }

    private static byte[] Archive(string directory)
    {
        File.SetUnixFileMode(directory, (UnixFileMode)0x1ED);
        Directory.SetLastWriteTimeUtc(directory, DateTime.UnixEpoch);
        using var tar = new TreeTarStream(() => new TreeWalker(FileSystem.OpenDirectory(null, PathZ.From(directory)), null, TreeOwners.OfHost, isOurs: false));
        using var all = new MemoryStream();
        TarArchiveWriter.Copy(tar, all, CancellationToken.None);
        return all.ToArray();
    }
}
