using System.Globalization;
using System.IO.Compression;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>What a check finds in a store that something has damaged, and that pulling again repairs it.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StoreCheckTests : IDisposable
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");

    private readonly TestStore _store = new();
    private readonly TestImage _image = TestImage.Of(
        new TarBuilder().Dir("a/").File("a/deep", "deep").Dir("b/").Dir("b/c/").File("b/c/one", "one").File("b/c/two", "two").Link("b/link", "c/one").File("z", "last").Build(),
        new TarBuilder().File("owned", "data", fields: new HeaderFields { Uid = TarBuilder.Octal(7, 8) }).Build());

    public StoreCheckTests() => _store.Add(_image, s_one.ToString());

    private string ImagePath => Path.Combine(_store.Root, "images", "sha256-" + _image.Content.Digest.Hex);

    private string Rootfs => Path.Combine(ImagePath, "rootfs");

    [TestCase("garbage")]
    [TestCase("[]")]
    [TestCase("{\"config\":")]
    public void GarbageForAManifest_IsNamedByListsOfImages_AndNotOfContainers(string content)
    {
        File.WriteAllText(ImagePath + "/manifest.json", content);
        Assert.That(_store.Meter().FindDamage().Select(static finding => finding.Problem), Is.EqualTo(["its manifest is missing or damaged"]));
        Assert.That(_store.Meter().FindDamage(containersOnly: true), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Damages()
    {
        TestCaseData Damage(string name, Action<string> how, params string[] found) => new TestCaseData(how, found).SetArgDisplayNames(name);

        yield return Damage("file missing", root => File.Delete(root + "/b/c/one"), "'/b/c/one' is missing");
        yield return Damage("last file missing", root => File.Delete(root + "/z"), "'/z' is missing");
        yield return Damage("directory missing", root => Directory.Delete(root + "/b/c", recursive: true), "'/b/c' is missing");
        yield return Damage("all missing", root => Directory.Delete(root + "/a", recursive: true), "'/a' is missing");
        yield return Damage("file added", root => File.WriteAllText(root + "/b/c/more", ""), "'/b/c/more' is not of the image");
        yield return Damage("last file added", root => File.WriteAllText(root + "/zz", ""), "'/zz' is not of the image");
        yield return Damage("directory added", root => File.WriteAllText(Directory.CreateDirectory(root + "/b/aa").FullName + "/x", ""), "'/b/aa' is not of the image");
        yield return Damage("longer", root => Change(root + "/b/c/one", path => File.AppendAllText(path, "!")), "'/b/c/one' has 4 bytes, not 3");
        yield return Damage("flipped bit, same size and time", root => Change(root + "/b/c/two", path => File.WriteAllText(path, "twp")), "'/b/c/two' has other bytes");
        yield return Damage("mode", root => File.SetUnixFileMode(root + "/z", UnixFileMode.UserRead | UnixFileMode.SetUser), "'/z' has mode 04400, not 0644");
        yield return Damage("time", root => File.SetLastWriteTimeUtc(root + "/a/deep", DateTime.UnixEpoch.AddDays(3)), "'/a/deep' was changed at another time");
        yield return Damage("kind", root => Replace(root + "/b/c/one", path => Directory.CreateDirectory(path)), "'/b/c/one' is a directory, not a regular file");
        yield return Damage("directory became file", root => Replace(root + "/b/c", path => File.WriteAllText(path, "")), "'/b/c' is a regular file, not a directory");
        yield return Damage("link", root => Replace(root + "/b/link", path => File.CreateSymbolicLink(path, "c/two")), "'/b/link' points elsewhere");
        yield return Damage("manifest", root => File.AppendAllText(root + "/../manifest.json", " "), "its manifest is not the one of its digest");
        yield return Damage("garbage for a manifest", root => File.WriteAllText(root + "/../manifest.json", "garbage"), "its manifest is missing or damaged");
        yield return Damage("no manifest", root => File.Delete(root + "/../manifest.json"), "its manifest is missing");
        yield return Damage("layer", root => Cut(Directory.GetFiles(root + "/../layers").Order(StringComparer.Ordinal).First()), "its record 'layers/sha256-");
        yield return Damage("files of a layer", root => File.AppendAllText(Directory.GetFiles(root + "/../layers", "*.files")[0], "x"), "its record 'layers/sha256-");
        yield return Damage("config", root => File.WriteAllText(root + "/../config.json", """{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}"""), "its config is not the one");
        yield return Damage("record", root => File.WriteAllText(root + "/../image", ""), "its record is not whole");
        yield return Damage("fingerprint cut", root => Cut(root + "/../tree"), "its file 'tree' is damaged");
        yield return Damage("fingerprint flipped", root => Flip(root + "/../tree"), "its file 'tree' is damaged");
        yield return Damage("fingerprint longer", root => File.AppendAllText(root + "/../tree", "x"), "its file 'tree' is damaged");
        yield return Damage("fingerprint unpacked and cut", root => Unpack(root + "/../tree", cut: 1), "its file 'tree' is damaged");
        yield return Damage("fingerprint unpacked and longer", root => Lengthen(root + "/../tree"), "its file 'tree' is damaged");
        yield return Damage("fingerprint of ends alone", root => Pack(root + "/../tree", "orca tree 1\0", '\0'), "its file 'tree' is damaged");
        yield return Damage("fingerprint without an end", root => Pack(root + "/../tree", "orca tree 1\0", 'x'), "its file 'tree' is damaged");
        yield return Damage("fingerprint of a file", root => Pack(root + "/../tree", "orca tree 1\0100644 0 0 0 0 .\0", '\0'), "its file 'tree' is damaged");
        yield return Damage("fingerprint missing", root => File.Delete(root + "/../tree"), "it has no file 'tree'");
        yield return Damage("owners cut", root => Cut(root + "/../owners"), "its file 'owners' is missing or damaged");
        yield return Damage("owned file missing", root => File.Delete(root + "/owned"), "'/owned' is in 'owners' and not in the tree", "'/owned' is missing");
        yield return Damage("tree missing", root => Directory.Delete(root, recursive: true), "its tree cannot be read");
    }

    [TestCaseSource(nameof(Damages))]
    public void Damage_IsFound_AndPullingRepairs(Action<string> damage, string[] found)
    {
        damage(Rootfs);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var findings = _store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(16 << 20), "whatever is in the files");
        foreach (var problem in found)
        {
            Assert.That(findings.Where(finding => finding.Damage && finding.Problem.Contains(problem, StringComparison.Ordinal)), Is.Not.Empty, () => $"found only: {string.Join("; ", findings)}");
        }

        Assert.That(findings.Select(finding => finding.What).Distinct(), Is.EqualTo(["image example.com/one:1"]));
        Assert.That(findings.Select(finding => finding.Repair).Distinct(), Is.EqualTo(["orca pull example.com/one:1"]));
        _store.Add(_image, s_one.ToString());
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void Quick_MissesOnlyTheFlippedBit()
    {
        Change(Rootfs + "/b/c/two", path => File.WriteAllText(path, "twp"));
        Assert.That(_store.Upkeep().Check(new CheckOptions { Quick = true }, CancellationToken.None).Findings, Is.Empty);
        Change(Rootfs + "/b/c/two", path => File.WriteAllText(path, "four"));
        Assert.That(_store.Upkeep().Check(new CheckOptions { Quick = true }, CancellationToken.None).Findings, Has.Count.EqualTo(1));
    }

    [Test]
    public void UnpackedRecords_OfEarlierVersions_AreRead()
    {
        Unpack(ImagePath + "/tree", cut: 0);
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
        File.WriteAllText(Rootfs + "/z", "LAST");
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Has.One.Property("Problem").Contains("'/z' "));
    }

    [Test]
    public void ManyDifferences_AreCounted()
    {
        for (var i = 0; i < 30; i++)
        {
            File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"{Rootfs}/extra{i}"), "");
        }

        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Has.Count.EqualTo(11).And.One.Property("Problem").Contains("more differences"));
    }

    [Test]
    public void NamesAndContainers_ThatPointNowhere_AreFound()
    {
        var (images, _, containers) = _store.Open();
        containers.Create(images.Find(s_one)!, new ContainerRecord
        {
            Name = "work",
            Image = s_one,
            ImageDigest = _image.Content.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Options = new RunOptions(),
        }).Dispose();
        Directory.Delete(ImagePath, recursive: true);
        File.WriteAllText(Path.Combine(_store.Root, "refs", "broken"), "?");
        Directory.CreateDirectory(Path.Combine(_store.Root, "containers", "damaged"));
        File.WriteAllText(Path.Combine(_store.Root, "containers", "damaged", "record.json"), "{");
        File.WriteAllText(Path.Combine(_store.Root, "unknown"), "");
        var report = _store.Upkeep().Check(new CheckOptions(), CancellationToken.None);
        Assert.That(report.Findings.Select(finding => finding.ToString()), Is.EquivalentTo(new[]
        {
            new StoreFinding(false, "file 'unknown'", "is not of the store, and is left alone", null),
            new StoreFinding(true, "file 'refs/broken'", "is no name of an image", $"rm -rf {_store.Root}/refs/broken"),
            new StoreFinding(true, "name example.com/one:1", $"points to image {_image.Content.Digest.Abbreviated}, which is not in the store", "orca pull example.com/one:1"),
            new StoreFinding(true, "container work", $"is made of image {_image.Content.Digest.Abbreviated}, which is not in the store", $"orca pull example.com/one:1@{_image.Content.Digest}") { Container = "work" },
            new StoreFinding(true, "container damaged", "has a damaged record; its changes are in 'containers/damaged/upper' of the store", "orca rm damaged # deletes it with its changes") { Container = "damaged" },
        }.Select(finding => finding.ToString())));
        Assert.That(_store.Upkeep().Prune(new PruneOptions()).Containers, Is.Empty, "a container whose record is damaged may still be somebody's work");
    }

    /// <summary>Rows L46 and L63: all that blocks or refuses who opens it.</summary>
    [Test]
    public void OddTree_IsCheckedMeasuredSharedAndRemoved()
    {
        var odd = ImageReference.Parse("odd");
        _store.Add(TestImage.Of(new TarBuilder().Fifo("pipe", 0).Dir("shut", 0).File("shut/file", "x", 0).Fifo("shut/pipe").Link("loop", "loop").Link("out", "/etc/passwd")
            .Device('3', "null", 1, 3).Hard("pipe2", "pipe").Entry('0', "", [], new() { Name = TarBuilder.Bytes("x\u00ff\n") }).File("su", "x", 0x9ED).Build()), "odd");
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
        Assert.That(_store.Meter().Measure().Images, Has.Count.EqualTo(2));
        Assert.That(_store.Upkeep().Share().Cleared, Is.EqualTo(1));
        Assert.That(_store.Open().Images.Remove(odd, force: false), Has.Count.EqualTo(1));
        Assert.That(_store.Names("images"), Has.Length.EqualTo(1));
        Assert.That(_store.Names("staging"), Is.Empty);
    }

    [Test]
    public void DeepTree_NeedsFewDescriptors()
    {
        var archive = new TarBuilder();
        var path = "";
        for (var depth = 0; depth < 1500; depth++)
        {
            path += "d/";
            archive.Dir(path);
        }

        _store.Add(TestImage.Of(archive.File(path + "leaf", "x").Build()), "deep");
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
        Assert.That(_store.Meter().Measure().Images, Has.Count.EqualTo(2));
    }

    private static void Change(string path, Action<string> how)
    {
        var time = File.GetLastWriteTimeUtc(path);
        how(path);
        File.SetLastWriteTimeUtc(path, time);
    }

    private static void Replace(string path, Action<string> how)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
        else
        {
            Directory.Delete(path, recursive: true);
        }

        how(path);
    }

    internal static void Unpack(string path, int cut)
    {
        var unpacked = new MemoryStream();
        using (var packed = new GZipStream(new MemoryStream(File.ReadAllBytes(path)), CompressionMode.Decompress))
        {
            packed.CopyTo(unpacked);
        }

        Assert.That(unpacked.ToArray().AsSpan().StartsWith("orca tree 1\0"u8), Is.True);
        File.WriteAllBytes(path, unpacked.ToArray()[..^cut]);
    }

    private static void Lengthen(string path)
    {
        Unpack(path, cut: 0);
        File.AppendAllText(path, "x");
    }

    /// <summary>20 MiB that are 20 kB when packed.</summary>
    private static void Pack(string path, string head, char filling)
    {
        using var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        packed.Write(System.Text.Encoding.ASCII.GetBytes(head + new string(filling, 20 << 20)));
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    private static void Cut(string path) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^3]);

    public void Dispose() => _store.Dispose();
}
