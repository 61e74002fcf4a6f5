using System.Globalization;
using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Reuse;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>An image that takes layers from stored ones must come to what it comes to from the archives.</summary>
/// <remarks>CsCheck prints the seed of a failure and shrinks it; CsCheck_Seed repeats it.</remarks>
public sealed class LayerSharingTests
{
    private static readonly long s_runs = Sampling.Rounds(1_000);

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
    public void RecordsOfALayer_AreTheSameInodes_UnlessMoreOfItIsHidden()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = Base().Build();
        var diffId = TestImage.DigestOf(common);
        stored.Flatten([new MemoryLayer(common)], "first");
        stored.Flatten([new MemoryLayer(common), new MemoryLayer(new TarBuilder().File("two", "2").Build())], "second");
        stored.Flatten([new MemoryLayer(common), new MemoryLayer(new TarBuilder().File("etc/.wh.motd", "").Build())], "third");
        Assert.That(Links("second", LayerNames.Entries(diffId)), Is.EqualTo(3));
        Assert.That((Links("first", LayerNames.Files(diffId)), Links("second", LayerNames.Files(diffId)), Links("third", LayerNames.Files(diffId))), Is.EqualTo((2, 2, 1)));
        Assert.That(Directory.GetFileSystemEntries($"{canary.Root}/second/layers"), Has.Length.EqualTo(4), "two layers, and nothing that was on the way");

        int Links(string image, string file) => (int)TreeListing.Status($"{canary.Root}/{image}/layers", file).Links;
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

    [Test]
    public void Limits_GiveTheSameAnswer_WithAndWithoutAStoredImage([Values("size", "entries", "path", "depth", "header")] string name, [Values] bool isBeyond)
    {
        using var canary = new CanaryTree();
        byte[] common = new TarBuilder().Dir("d/").File("d/e/f", "x").Gnu('L', new string('n', 200)).File("n").File("d/.wh.gone").Build();
        byte[] own = new TarBuilder().File("own", new string('o', 700)).Build();
        var less = isBeyond ? 1 : 0;
        var limits = name switch
        {
            "size" => new LayerLimits { MaxBytes = common.Length + own.Length - less },
            "entries" => new LayerLimits { MaxEntries = 5 - less },
            "path" => new LayerLimits { MaxPath = 200 - less },
            "depth" => new LayerLimits { MaxDepth = 3 - less },
            _ => new LayerLimits { MaxHeader = 201 - less },
        };
        var (alone, stored) = (new StoredImages(canary.Root + "/alone"), new StoredImages(canary.Root + "/stored"));
        stored.Flatten([new MemoryLayer(common)], "first");
        var layer = new MemoryLayer(common);
        Assert.That(Hint(alone, new MemoryLayer(common)), Is.EqualTo(isBeyond ? LayerLimits.Hint(name) : null));
        Assert.That(Hint(stored, layer), Is.EqualTo(isBeyond ? LayerLimits.Hint(name) : null));
        Assert.That(layer.Opened, Is.EqualTo(isBeyond ? 1 : 0));

        string? Hint(StoredImages images, MemoryLayer layer)
        {
            try
            {
                images.Flatten([layer, new MemoryLayer(own)], "second", limits);
                return null;
            }
            catch (LayerException e)
            {
                return e.Hint;
            }
        }
    }

    [Test]
    public void RecordOfAnotherVersion_IsNotTaken()
    {
        using var canary = new CanaryTree();
        var stored = new StoredImages(canary.Root);
        var common = Base().Build();
        stored.Flatten([new MemoryLayer(common)], "first");
        var file = $"{canary.Root}/first/layers/{LayerNames.Entries(TestImage.DigestOf(common))}";
        var bytes = File.ReadAllBytes(file)[..^8];
        bytes["orca layer ".Length] = (byte)'1';
        var sum = new ContentSum();
        sum.Add(bytes);
        File.WriteAllBytes(file, [.. bytes, .. BitConverter.GetBytes(sum.Finish())]);
        var layer = new MemoryLayer(common);
        stored.Flatten([layer], "second");
        Assert.That(layer.Opened, Is.EqualTo(1), "it has no room for all that limits ask");
    }

    [TestCase("trusted.note", "x")]
    [TestCase("security.capability", "malformed")]
    public void Warnings_AreThoseOfTheArchive(string attribute, string value)
    {
        using var canary = new CanaryTree();
        var common = Base().Xattr(attribute, LayerBench.Utf8(value)).File("bin/ping", "ping").Device('3', "srv/null", 1, 3).Build();
        var stored = new StoredImages(canary.Root);
        stored.Flatten([new MemoryLayer(common)], "first");
        var said = stored.Warnings;
        var layer = new MemoryLayer(common);
        stored.Flatten([layer], "second");
        Assert.That((layer.Opened, said.Count), Is.EqualTo((0, 2)));
        Assert.That(stored.Warnings, Is.EqualTo(said));
    }

    [TestCase("bin/ping", true)]
    [TestCase("etc/cron.d/ping", false)]
    public void Attributes_AreThoseOfTheLayer_InLinksAndInCopies(string path, bool isLink)
    {
        byte[] capability = [1, 0, 0, 2, 0, 0x20, 0, 0, .. new byte[12]]; // cap_net_raw=ep, as far as this user may set it
        using var canary = new CanaryTree();
        var common = new TarBuilder().PaxRaw([.. TarBuilder.Record("SCHILY.xattr.security.capability", capability), .. TarBuilder.Record("SCHILY.xattr.user.note", [7])]).File(path, "ping").Build();
        var stored = new StoredImages(canary.Root);
        stored.Flatten([new MemoryLayer(common)], "first");
        var layer = new MemoryLayer(common);
        stored.Flatten([layer], "second");
        Assert.That(layer.Opened, Is.Zero);
        Assert.That(TreeListing.Status($"{canary.Root}/second/rootfs", path).Links, Is.EqualTo(isLink ? 2 : 1));
        Assert.That((Get("second", "security.capability"), Get("second", "user.note")), Is.EqualTo((Get("first", "security.capability"), Get("first", "user.note"))));

        string? Get(string image, string name)
        {
            using var file = FileSystem.Open(null, PathZ.From($"{canary.Root}/{image}/rootfs/{path}"), 0);
            return FileSystem.GetXattr(file, PathZ.From(name)) is { } value ? Convert.ToHexString(value) : null;
        }
    }

    [Test]
    public void FileThatLostAnAttribute_IsNotTaken()
    {
        using var canary = new CanaryTree();
        var common = new TarBuilder().Xattr("user.note", [7]).File("a", "a").Build();
        var stored = new StoredImages(canary.Root);
        stored.Flatten([new MemoryLayer(common)], "first");
        using (var file = FileSystem.Open(null, PathZ.From($"{canary.Root}/first/rootfs/a"), 0))
        {
            Assert.That(FileSystem.TryRemoveXattr(file, PathZ.From("user.note")), Is.EqualTo(Errno.None));
        }

        var layer = new MemoryLayer(common);
        var tree = stored.Flatten([layer], "second");
        Assert.That(layer.Opened, Is.EqualTo(1));
        Assert.That(tree, Is.EqualTo(StoredImages.FromArchives([common], canary.Root + "/plain")));
    }

    private static TarBuilder Base() => new TarBuilder().Dir("bin/").File("bin/tool", "tools!").Hard("bin/same", "bin/tool").Link("bin/link", "tool").Fifo("pipe")
        .Dir("etc/").File("etc/motd", "old").File("etc/crontab", "* * * * * root true\n").File("shadow", "s", mode: 0, fields: new HeaderFields { Uid = TarBuilder.Octal(7, 8) });
}
