using System.Globalization;
using CsCheck;
using NUnit.Framework;
using Orca.Registry.Layers.Sharing;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>An image that takes layers from stored ones must come to what it comes to from the archives.</summary>
/// <remarks>ORCA_MODEL_RUNS makes more of them; CsCheck prints the seed of a failure and shrinks it.</remarks>
public sealed class LayerSharingTests
{
    private static readonly long s_runs = long.Parse(Environment.GetEnvironmentVariable("ORCA_MODEL_RUNS") ?? "1000", CultureInfo.InvariantCulture);

    private static readonly Gen<(int Kept, byte[][] First, byte[][] Second)> s_images =
        Gen.Select(Gen.Int[0, 4], OrderlyLayers.Small, OrderlyLayers.Small);

    [Test]
    public void RandomImages_WithLayersInCommon_ComeToTheSameTreesAsFromArchives()
    {
        using var canary = new CanaryTree(inMemory: true);
        int number = 0, common = 0, unopened = 0;
        s_images.Sample(
            images =>
            {
                var kept = images.First.Take(images.Kept).ToArray();
                var (first, second) = (images.First, kept.Concat(images.Second).ToArray());
                var place = Path.Combine(canary.Root, $"{++number}");
                var stored = new StoredImages(place);
                stored.Flatten(first.Select(static layer => new MemoryLayer(layer)).ToArray(), "first");
                var layers = second.Select(static layer => new MemoryLayer(layer)).ToArray();
                var tree = stored.Flatten(layers, "second");
                var third = stored.Flatten([.. kept.Concat(kept).Select(static layer => new MemoryLayer(layer)), new MemoryLayer(new TarBuilder().File("z", "z").Build())], "third");
                common += kept.Length;
                unopened += layers.Take(kept.Length).Count(static layer => layer.Opened == 0);
                var isSame = tree.SequenceEqual(StoredImages.FromArchives(second, place + "/plain"))
                    && third.SequenceEqual(StoredImages.FromArchives([.. kept, .. kept, new TarBuilder().File("z", "z").Build()], place + "/plain"));
                StoredImages.Delete(place);
                return isSame;
            },
            iter: s_runs / 5, threads: 1);
        canary.AssertUntouched();
        TestContext.Out.WriteLine($"{common - unopened} of {common} common layers were read from their archives");
        Assert.That(unopened, Is.GreaterThan(common / 10), "the others are of images that only the pass from the base can make");
    }

    [Test]
    public void CommonLayer_IsNotOpened_AndItsFilesAreTheSameInodes()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = Base().Build();
        stored.Flatten([new MemoryLayer(common), new MemoryLayer(new TarBuilder().File("one", "1").Build())], "first");
        var layer = new MemoryLayer(common);
        stored.Flatten([layer, new MemoryLayer(new TarBuilder().File("two", "2").Build())], "second");
        Assert.That(layer.Opened, Is.Zero);
        Assert.That(Inode("second", "bin/tool"), Is.EqualTo(Inode("first", "bin/tool")));
        Assert.That(Inode("second", "bin/same"), Is.EqualTo(Inode("first", "bin/tool")), "names of one file stay names of one file");
        Assert.That(Inode("second", "etc/crontab"), Is.Not.EqualTo(Inode("first", "etc/crontab")), "cron refuses tables with several names");
        Assert.That(TreeListing.Status($"{canary.Root}/second/rootfs", "etc/crontab").Links, Is.EqualTo(1));
        Assert.That(stored.Owners("second"), Is.EqualTo(stored.Owners("first")), "and owners, modes and devices are those of the layer");

        ulong Inode(string image, string path) => TreeListing.Status($"{canary.Root}/{image}/rootfs", path).Inode;
    }

    [Test]
    public void HiddenFile_IsThereForTheNextImage_UnlessItIsLarge()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var small = Base().Build();
        var large = new TarBuilder().File("opt/huge", new string('x', 1_400_000)).File("opt/kept", "k").Build();
        stored.Flatten([new MemoryLayer(small), new MemoryLayer(large), new MemoryLayer(new TarBuilder().File("etc/motd", "new").File("opt/.wh.huge", "").Build())], "first");
        Assert.That(new DirectoryInfo(canary.Root).EnumerateFiles("*", SearchOption.AllDirectories).Where(static file => file.Length >= 1_400_000), Is.Empty, "what upper layers hide is not written");
        var (one, two) = (new MemoryLayer(small), new MemoryLayer(large));
        var tree = stored.Flatten([one, two], "second");
        Assert.That(tree, Is.EqualTo(StoredImages.FromArchives([small, large], canary.Root + "/plain")));
        Assert.That((one.Opened, two.Opened), Is.EqualTo((0, 1)));
    }

    [Test]
    public void FileThatMustBeAlone_StaysAlone_WhenTheNextImageHidesIt()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = Base().Build();
        stored.Flatten([new MemoryLayer(common)], "first");
        stored.Flatten([new MemoryLayer(common), new MemoryLayer(new TarBuilder().File("etc/crontab", "new").File("etc/motd", "new").Build())], "second");
        Assert.That(TreeListing.Status($"{canary.Root}/first/rootfs", "etc/crontab").Links, Is.EqualTo(1));
        Assert.That(TreeListing.Status($"{canary.Root}/first/rootfs", "etc/motd").Links, Is.EqualTo(2), "others are put aside");
    }

    [Test]
    public void LargeFile_IsNotKeptBesideAnImageThatDeletesIt()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = new TarBuilder().File("large", new string('x', 1_400_000)).File("small", "s").Build();
        stored.Flatten([new MemoryLayer(common)], "first");
        stored.Flatten([new MemoryLayer(common), new MemoryLayer(new TarBuilder().File(".wh.large", "").File(".wh.small", "").Build())], "second");
        Assert.That((TreeListing.Status($"{canary.Root}/first/rootfs", "large").Links, TreeListing.Status($"{canary.Root}/first/rootfs", "small").Links), Is.EqualTo((1, 2)));
    }

    [Test]
    public void SetIdFile_HasItsModeInTheSideTable_AsTheDiskMayLoseIt()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = new TarBuilder().File("su", "su", mode: 0x9ED).Build();
        stored.Flatten([new MemoryLayer(common)], "first");
        stored.Flatten([new MemoryLayer(common)], "second");
        Assert.That(stored.Owners("second"), Is.EqualTo("104755 0 0 - su\0"));
    }

    [TestCase("rootfs/bin/tool", "other")]
    [TestCase("layers/{0}", "damaged")]
    [TestCase("layers/{0}.files", "")]
    public void DamagedCopy_IsNotTaken_AndTheNextOneIs(string path, string content)
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = Base().Build();
        stored.Flatten([new MemoryLayer(common)], "first");
        var file = string.Format(CultureInfo.InvariantCulture, $"{canary.Root}/first/{path}", LayerNames.Entries(TestImage.DigestOf(common)));
        var time = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, content);
        File.SetLastWriteTimeUtc(file, time);
        var layer = new MemoryLayer(common);
        var tree = stored.Flatten([layer], "second");
        Assert.That(layer.Opened, Is.EqualTo(1));
        Assert.That(tree, Is.EqualTo(StoredImages.FromArchives([common], canary.Root + "/plain")));
        var next = new MemoryLayer(common);
        stored.Flatten([next], "third");
        Assert.That(next.Opened, Is.Zero, "the second image has it whole");
    }

    private static TarBuilder Base() => new TarBuilder().Dir("bin/").File("bin/tool", "tools!").Hard("bin/same", "bin/tool").Link("bin/link", "tool").Fifo("pipe")
        .Dir("etc/").File("etc/motd", "old").File("etc/crontab", "* * * * * root true\n").File("shadow", "s", mode: 0, fields: new HeaderFields { Uid = TarBuilder.Octal(7, 8) });
}
