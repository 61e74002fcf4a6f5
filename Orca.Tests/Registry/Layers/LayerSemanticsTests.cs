using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group L without whiteouts: what replaces what, hard links, names, limits of the kernel.</summary>
public sealed class LayerSemanticsTests
{
    private static byte[] Lower() => new TarBuilder().Dir("etc").File("etc/passwd", "p").Link("bin", "usr/bin").Link("lib", "usr/lib").Dir("usr").Dir("usr/bin").File("usr/bin/sh", "sh").Dir("usr/lib").File("usr/lib/libc", "c").File("file", "f").Build();

    private static TestCaseData Case(string id, TarBuilder upper, params string[] expected) => new TestCaseData(upper.Build(), expected).SetName($"Layer_{id}");

    private static IEnumerable<TestCaseData> Cases()
    {
        TarBuilder New() => new();
        yield return Case("L25_DirectoryOverLowerSymlink", New().Dir("lib/"), "lib=d 755", "usr/lib/libc=f 644 c");
        yield return Case("L26_ThroughALowerSymlink", New().File("lib/systemd/x", "x"), "lib=l usr/lib", "usr/lib/systemd/x=f 644 x");
        yield return Case("L27_MissingBehindASymlink", New().Dir("run").Link("var/run", "/run").File("var/run/existing/non-existing/f", "x"), "run/existing/non-existing/f=f 644 x", "var/run=l /run");
        yield return Case("L27_DanglingSymlink", New().Link("var/run", "/run").File("var/run/non-existing/f", "x"), "run=d 755", "run/non-existing/f=f 644 x", "var/run=l /run");
        yield return Case("L28_FileOverDirectory", New().File("etc", "x"), "etc=f 644 x", "etc/passwd=");
        yield return Case("L28_DirectoryOverFile", New().Dir("file", 0x1C0), "file=d 700");
        yield return Case("L28_SymlinkOverDirectory", New().Link("etc", "usr"), "etc=l usr", "etc/passwd=");
        yield return Case("L28_FifoOverFile", New().Fifo("file", 0x1B6), "file=p 666");
        yield return Case("L28_DeviceOverFile", New().Device('3', "file", 1, 3), "file=");
        yield return Case("L28_FileBelowALowerFile", New().File("file/x", "x"), "file=d 755", "file/x=f 644 x");
        yield return Case("L30_ChildBeforeItsDirectory", New().File("new/f", "x").Dir("new", 0x1C9), "new=d 711", "new/f=f 644 x");
        yield return Case("L31_DirectoryOf0555", New().Dir("d", 0x16D).File("d/f", "x"), "d=d 755", "d/f=f 644 x");
        yield return Case("L33_SetIdBits", New().File("suid", "x", 0x9ED).File("sgid", "x", 0x5ED).Dir("tmp", 0x3FF).File("both", "x", 0xDED), "suid=f 4755 x", "sgid=f 2755 x", "tmp=d 1777", "both=f 6755 x");
        yield return Case("L40_AbsoluteHardLink", New().Hard("sh2", "/usr/bin/sh"), "sh2=f 644 sh");
        yield return Case("L41_HardLinkThroughASymlink", New().Hard("sh2", "bin/sh"), "sh2=f 644 sh");
        yield return Case("L42_FileTwice", New().File("a", "1").File("a", "2"), "a=f 644 2");
        yield return Case("L42_DirectoryThenFile", New().Dir("a").File("a/b").File("a", "2"), "a=f 644 2", "a/b=");
        yield return Case("L42_FileThenSymlink", New().File("a", "1").Link("a", "b"), "a=l b");
        yield return Case("L43_Case", New().File("README", "1").File("readme", "2").File("Readme", "3"), "README=f 644 1", "readme=f 644 2", "Readme=f 644 3");
        yield return Case("L43_Normalisation", New().File("\u00e9", "1").File("e\u0301", "2"), "\u00e9=f 644 1", "e\u0301=f 644 2");
        yield return Case("L46_Fifo", New().Fifo("pipe", 0x192), "pipe=p 622");
        yield return Case("L59_RootAttributes", New().Dir("./", 0x1C8), ".=d 710", "etc/passwd=f 644 p");
        yield return Case("L59_RootAsSlash", New().Dir("/", 0x1C8), ".=d 710", "etc/passwd=f 644 p");
        yield return Case("L59_RootKeepsUserBits", New().Dir(".", 0x16D), ".=d 755");
        yield return Case("L64_SetGidDirectory", New().Dir("g", 0x5FD).File("g/f", "x").Dir("g/d").File("g/i/f", "x"), "g=d 2775", "g/f=f 644 x", "g/d=d 755", "g/i=d 755");
    }

    private static IEnumerable<TestCaseData> Packed() => Cases().SelectMany(data => Enum.GetValues<Packing>()
        .Select(packing => new TestCaseData(data.Arguments[0], data.Arguments[1], packing).SetName($"{data.TestName}_{packing}")));

    [TestCaseSource(nameof(Packed))]
    public void Layer_Applies(byte[] upper, string[] expected, Packing packing)
    {
        using var bench = new LayerBench();
        bench.Flatten(packing, Lower(), upper);
        var list = bench.List();
        foreach (var fact in expected)
        {
            var cut = fact.IndexOf('=', StringComparison.Ordinal);
            Assert.That(list.GetValueOrDefault(fact[..cut], ""), Is.EqualTo(fact[(cut + 1)..]));
        }
    }

    [TestCase("L35", "b", "a", "link target 'a' does not exist")]
    [TestCase("L39", "b", "etc", "is a directory")]
    [TestCase("L39", "file", "file", "itself")]
    [TestCase("L39", "usr/bin/sh", "bin/sh", "itself")]
    [TestCase("L39", "b", "", "empty")]
    [TestCase("L39", "b", ".", "is a directory")]
    [TestCase("L39", "b", "/", "is a directory")]
    [TestCase("L35", "b", "file/x", "does not exist")]
    [TestCase("L35", "etc", "etc/passwd", "does not exist")]
    public void Layer_HardLink_IsRefused(string id, string name, string target, string words)
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(Lower(), new TarBuilder().Hard(name, target).File("a").Build()), Does.Contain(words), id);
        Assert.That(bench.Paths(), Does.Contain("file"), "a link to itself deletes nothing");
    }

    [Test]
    public void Layer_L36_HardLink_SharesWhatExistsAtThatMoment()
    {
        using var bench = new LayerBench();
        bench.Flatten(Lower(), new TarBuilder().Hard("old", "file").File("file", "new").Hard("new", "file").Build());
        Assert.That((bench.Text("old"), bench.Text("file"), bench.Text("new")), Is.EqualTo(("f", "new", "new")));
        Assert.That(bench.Status("file").Links, Is.EqualTo(2));
        Assert.That(bench.Summary.Bytes, Is.EqualTo(1 + 2 + 1 + 1 + 3));
    }

    [Test]
    public void Layer_L38_HardLinkToSymlink_IsTheLinkItself()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File("f", "x", 0x180).Link("l", "f").Hard("h", "l", new() { Mode = TarBuilder.Octal(0x1FF, 8) }).Build());
        Assert.That(bench.Status("l").Links, Is.EqualTo(2));
        Assert.That(bench.List()["f"], Is.EqualTo("f 600 x"));
    }

    [Test]
    public void Layer_NonDirectoryParentOfTheSameLayer_IsRefused()
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(new TarBuilder().File("file").File("file/x").Build()), Does.Contain("ENOTDIR"));
    }

    [Test]
    public void Layer_L44_NameOf255Bytes_IsFine_AndOf256_IsRefusedByName()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Pax(("path", new string('n', 255))).File("x").Build());
        using var second = new LayerBench();
        Assert.That(second.Refusal(new TarBuilder().Pax(("path", new string('n', 256))).File("x").Build()), Does.Contain("ENAMETOOLONG").And.Contain("nnn"));
    }

    [Test]
    [Category("Sweep")]
    public void Layer_L44_DepthOf12000_NeedsNeitherStackNorDescriptors()
    {
        using var bench = new LayerBench();
        var path = string.Concat(Enumerable.Repeat("d/", 12_000));
        bench.Flatten(new TarBuilder().Pax(("path", path + "f")).File("x", "x").Pax(("path", path + "g")).File("x", "x").File("d/h").Build());
        Assert.That(bench.Summary.Entries, Is.EqualTo(12_003));
    }

    /// <summary>More names than one listing has, deeper than is gone down at once: all of it goes, with what the side table has of it.</summary>
    [Test]
    public void Layer_WideAndDeepDirectory_IsReplaced_AndItsOwnersAreForgotten()
    {
        using var bench = new LayerBench();
        var owner = new HeaderFields { Uid = TarBuilder.Octal(5, 8) };
        var lower = new TarBuilder().File("kept", fields: owner);
        foreach (var directory in new[] { "top/", "top/" + string.Concat(Enumerable.Repeat("d/", 70)) })
        {
            for (var i = 0; i < 1500; i++)
            {
                lower.Pax(("path", $"{directory}{new string('n', 30)}{i}")).File("x", fields: owner);
            }

            lower.Pax(("path", directory + "null")).Device('3', "x", 1, 3).Pax(("path", directory + "own/sub/")).Dir("x", fields: owner);
        }

        bench.Flatten(lower.Build(), new TarBuilder().File("top").Build());
        Assert.That(bench.Paths(), Is.EqualTo("kept top"));
        Assert.That(bench.Owners, Is.EqualTo("100644 5 0 - kept"));
        Assert.That(bench.Summary.Entries, Is.EqualTo(2));
    }

    [Test]
    [Category("Sweep")]
    public void Layer_WideDirectoryMadeOpaque_KeepsWhatTheLayerMade()
    {
        using var bench = new LayerBench();
        var (lower, upper) = (new TarBuilder(), new TarBuilder().File("top/.wh..wh..opq"));
        for (var i = 0; i < 3000; i++)
        {
            lower.File($"top/{new string('n', 30)}{i}").Dir($"top/sub{i}/").File($"top/sub{i}/gone");
            upper = i % 100 == 0 ? upper.File($"top/{new string('n', 30)}{i}", "new").File($"top/sub{i}/new") : upper;
        }

        bench.Flatten(lower.Build(), upper.Build());
        Assert.That(bench.Summary.Entries, Is.EqualTo(1 + (3 * 30)));
        Assert.That(bench.Paths(), Does.Not.Contain("gone").And.Contain("top/sub2900/new"));
    }

    [Test]
    public void Layer_L45_SymlinkTargets_HaveTheKernelsLimits()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Pax(("linkpath", new string('t', 4095))).Link("l", "x").Build());
        foreach (var archive in new[] { new TarBuilder().Pax(("linkpath", new string('t', 4096))).Link("l", "x"), new TarBuilder().Link("l", "") })
        {
            using var second = new LayerBench();
            Assert.That(second.Refusal(archive.Build()), Does.Contain("link target"));
        }
    }

    [Test]
    public void Layer_L57L58_ManyLayersAndEmptyOnes_AreFine()
    {
        using var bench = new LayerBench();
        bench.Flatten([.. Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? new byte[1024] : new TarBuilder().File($"f{i}", $"{i}").Build())]);
        Assert.That(bench.Summary.Entries, Is.EqualTo(250));
    }

    [Test]
    public void Layer_L65_AppliedTwice_GivesTheSameTree()
    {
        var layer = new TarBuilder().Dir("d", 0x1C8).File("d/f", "x", 0x124).Link("l", "d").Hard("h", "d/f").Fifo("p").File("i/f").Build();
        using var once = new LayerBench();
        using var twice = new LayerBench();
        once.Flatten(Lower(), layer);
        twice.Flatten(Lower(), layer, layer);
        Assert.That(twice.List(), Is.EqualTo(once.List()));
        Assert.That(twice.Summary.Entries, Is.EqualTo(once.Summary.Entries));
        Assert.That(twice.Summary.Bytes, Is.EqualTo(once.Summary.Bytes));
    }

    [Test]
    public void Layer_T49_ChainOfHardLinks_IsOneInode([Values] bool inALayerOfItsOwn)
    {
        const int length = 5000; // more than wait for their targets at once
        var (lower, upper) = (new TarBuilder().File("0", "x"), new TarBuilder());
        var chain = inALayerOfItsOwn ? upper : lower;
        for (var i = 1; i <= length; i++)
        {
            chain.Hard($"{i}", $"{i - 1}");
        }

        using var bench = new LayerBench();
        bench.Flatten(lower.Build(), upper.Build());
        Assert.That(bench.Summary.Entries, Is.EqualTo(length + 1));
        Assert.That((bench.Status($"{length}").Inode, bench.Status("0").Links), Is.EqualTo((bench.Status("0").Inode, (uint)length + 1)));
    }

    [Test]
    public void Layer_T50_MoreLinksThanTheFileSystemHas_AreCopiedWithAWarning()
    {
        var archive = new TarBuilder().File("f", "x", 0x1A0);
        for (var i = 0; i < 65_001; i++)
        {
            archive.Hard($"d/{i}", "f");
        }

        using var bench = new LayerBench();
        bench.Flatten(archive.Build());
        Assert.That(bench.Summary.Entries, Is.EqualTo(65_003));
        Assert.That(bench.Status("d/65000").Permissions, Is.EqualTo(0x1A0));
        Assert.That(bench.Status("d/65000").Links == 65_002 || bench.Summary.Warnings.Single().Contains("EMLINK", StringComparison.Ordinal), Is.True);
    }
}
