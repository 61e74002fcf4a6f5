using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Images that can only be made base first give layers to others and take layers from them, and come to what they come to from the archives.</summary>
/// <remarks>CsCheck prints the seed of a failure and shrinks it; CsCheck_Seed repeats it.</remarks>
public sealed class BaseFirstSharingTests
{
    private const int Large = 1_400_000;
    private static readonly long s_runs = Sampling.Rounds(3_000);

    private static readonly byte[] s_base = new TarBuilder().Dir("usr/").Dir("usr/lib/").Link("lib", "usr/lib").File("usr/lib/one", "1").File("usr/lib/two", "2").File("etc/crontab", "* * * * * root true\n").Build();
    private static readonly byte[] s_through = new TarBuilder().File("lib/three", "3").File("lib/large", new string('x', Large)).File("lib/one", "one").Build();

    [Test]
    public void WildImages_WithLayersInCommon_ComeToWhatTheyComeToFromArchives([Values] bool isDamaged)
    {
        using var canary = new CanaryTree(inMemory: true);
        int number = 0, common = 0, unopened = 0;
        Gen.Select(LayerModelTests.Archives, LayerModelTests.Archives, Gen.Int[0, 4], Gen.Int[0, 1000]).Sample(
            (first, own, kept, damage) =>
            {
                var place = Path.Combine(canary.Root, $"{++number}");
                var stored = new StoredImages(place);
                var isStored = TryFlatten(() => stored.Flatten(Layers(first), "first")).Count > 1;
                if (isDamaged && isStored)
                {
                    Damage($"{place}/first", damage);
                }

                byte[][] second = [.. first.Take(kept), .. own];
                var layers = Layers(second);
                var (taken, plain) = (TryFlatten(() => stored.Flatten(layers, "second")), TryFlatten(() => StoredImages.FromArchives(second, place + "/plain")));
                if (isStored)
                {
                    common += Math.Min(kept, first.Length);
                    unopened += layers.Take(Math.Min(kept, first.Length)).Count(static layer => layer.Opened == 0);
                }

                StoredImages.Delete(place);
                return taken.SequenceEqual(plain);
            },
            iter: s_runs, threads: 1);
        canary.AssertUntouched();
        TestContext.Out.WriteLine($"{unopened} of {common} common layers were taken");
        Assert.That(unopened, Is.GreaterThan(common / (isDamaged ? 8 : 4)));
    }

    [Test]
    public void FilesThroughALink_AreTaken_AndTheImageKeepsNothingBesideThatItNeedsNot()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        stored.Flatten(Layers([s_base, s_through]), "first");
        var layers = Layers([s_base, s_through, new TarBuilder().File("lib/four", "4").Build()]);
        stored.Flatten(layers, "second");
        Assert.That(layers.Select(static layer => layer.Opened), Is.EqualTo((int[])[0, 0, 2]), "the last one from the top in vain, and then once more");
        foreach (var path in (string[])["usr/lib/two", "usr/lib/three", "usr/lib/large", "usr/lib/one"])
        {
            Assert.That(Status("second", path).Inode, Is.EqualTo(Status("first", path).Inode), path);
        }

        Assert.That((Status("first", "etc/crontab").Links, Status("second", "etc/crontab").Links), Is.EqualTo((1, 1)), "cron refuses tables with several names");
        Assert.That(Status("first", "usr/lib/two").Links, Is.EqualTo(2), "one in each tree");
        Assert.That(Files(canary.Root + "/first/layers").Count(static file => file.Directory!.Name.EndsWith(".aside", StringComparison.Ordinal)), Is.EqualTo(4), "what is hidden, and what went through the link");

        Orca.Core.Linux.FileStatus Status(string image, string path) => TreeListing.Status($"{canary.Root}/{image}/rootfs", path);
    }

    [Test]
    public void LargeFile_ThatUpperLayersHide_IsNotKept()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        stored.Flatten(Layers([s_base, s_through, new TarBuilder().File("lib/.wh.large", "").File("usr/.wh.none", "").Build()]), "first");
        Assert.That(Files(canary.Root).Where(static file => file.Length >= Large), Is.Empty);
        var layers = Layers([s_base, s_through]);
        var tree = stored.Flatten(layers, "second");
        Assert.That(tree, Is.EqualTo(StoredImages.FromArchives([s_base, s_through], canary.Root + "/plain")));
        Assert.That(layers[0].Opened, Is.Zero);
        Assert.That(layers[1].Opened, Is.GreaterThan(0));
    }

    [Test]
    public void ImageFromTheTop_GivesToOneFromTheBase_AndTakesFromIt()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var upper = new TarBuilder().File("usr/lib/upper", "u").File("etc/crontab", "new").Build();
        stored.Flatten(Layers([s_base, upper]), "top");
        var below = Layers([s_base, upper, s_through]);
        stored.Flatten(below, "base");
        Assert.That((below[0].Opened, below[1].Opened), Is.EqualTo((0, 0)));
        StoredImages.Delete(canary.Root + "/top");
        var again = Layers([s_base, upper]);
        Assert.That(stored.Flatten(again, "again"), Is.EqualTo(StoredImages.FromArchives([s_base, upper], canary.Root + "/plain")));
        Assert.That((again[0].Opened, again[1].Opened), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Fault_AboveATakenLayer_IsSaidAsWithoutIt()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        stored.Flatten(Layers([s_base]), "first");
        byte[][] faulty = [s_base, new TarBuilder().Hard("lib/link", "lib/nonesuch").Build()];
        Assert.That(
            Assert.Throws<LayerException>(() => stored.Flatten(Layers(faulty), "second"))!.Message,
            Is.EqualTo(Assert.Throws<LayerException>(() => StoredImages.FromArchives(faulty, canary.Root + "/plain"))!.Message));
    }

    private static MemoryLayer[] Layers(byte[][] archives) => [.. archives.Select(static archive => new MemoryLayer(archive))];

    /// <summary>The files below a directory. Links are not followed: those of wild images lead anywhere.</summary>
    private static IEnumerable<FileInfo> Files(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device });

    /// <summary>The tree; a single line when it is refused: where two things are wrong, which is found first depends on where one begins.</summary>
    private static List<string> TryFlatten(Func<List<string>> flatten)
    {
        try
        {
            return flatten();
        }
        catch (LayerException)
        {
            return ["refused"];
        }
    }

    /// <summary>Does something to one of the image's files.</summary>
    private static void Damage(string image, int choice)
    {
        var files = Files(image).Where(static file => file.Name != "owners" && file.Length > 0)
            .OrderBy(static file => file.FullName, StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            return;
        }

        var (file, time) = (files[choice % files.Count], files[choice % files.Count].LastWriteTimeUtc);
        switch (choice % 3)
        {
            case 0:
                file.Delete();
                break;
            case 1:
                File.WriteAllBytes(file.FullName, [.. File.ReadAllBytes(file.FullName).Select(static b => (byte)(b ^ 1))]);
                File.SetLastWriteTimeUtc(file.FullName, time);
                break;
            default:
                file.Delete();
                file.CreateAsSymbolicLink("elsewhere");
                break;
        }
    }
}
