using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group L, whiteouts: plain, gzip and zstd through the whole chain.</summary>
public sealed class WhiteoutTests
{
    private static readonly string[] Base = ["bin", "etc", "etc/group", "etc/passwd", "etc/sub", "etc/sub/x", "usr", "usr/bin", "usr/bin/sh"];

    private static byte[] Lower() => new TarBuilder().Dir("etc").File("etc/passwd", "p").File("etc/group", "g").Dir("etc/sub").File("etc/sub/x", "x")
        .Link("bin", "usr/bin").Dir("usr").Dir("usr/bin").File("usr/bin/sh", "sh").Build();

    private static TestCaseData Case(string id, TarBuilder upper, string gone, string added = "") =>
        new TestCaseData(upper.Build(), gone, added).SetName($"Whiteout_{id}");

    private static IEnumerable<TestCaseData> Cases()
    {
        TarBuilder New() => new();
        yield return Case("L01_Directory", New().File(".wh.etc"), "etc etc/group etc/passwd etc/sub etc/sub/x");
        yield return Case("L02_File", New().File("etc/.wh.passwd"), "etc/passwd");
        yield return Case("L03_Nothing", New().File(".wh.nothing").File("no/such/.wh.x").File("etc/passwd/.wh.x"), "");
        yield return Case("L06_OpaqueFirst", New().File("etc/.wh..wh..opq").File("etc/new"), "etc/group etc/passwd etc/sub etc/sub/x", "etc/new");
        yield return Case("L07_OpaqueLast", New().File("etc/new").File("etc/.wh..wh..opq"), "etc/group etc/passwd etc/sub etc/sub/x", "etc/new");
        yield return Case("L08_OpaqueSparesImpliedDirectories", New().File("etc/sub/deep/new").File("etc/.wh..wh..opq"), "etc/group etc/passwd etc/sub/x", "etc/sub/deep etc/sub/deep/new");
        yield return Case("L09_OpaqueRoot", New().File(".wh..wh..opq").File("a").File("b"), string.Join(' ', Base), "a b");
        yield return Case("L09_OpaqueRootLast", New().File("a").File("etc/b").File(".wh..wh..opq"), string.Join(' ', Base.Where(p => p != "etc")), "a etc/b");
        yield return Case("L10_OpaqueTwice", New().File("etc/.wh..wh..opq").File("etc/new").File("etc/.wh..wh..opq"), "etc/group etc/passwd etc/sub etc/sub/x", "etc/new");
        yield return Case("L10_OpaqueNested", New().File("etc/sub/.wh..wh..opq").File("etc/.wh..wh..opq").File("etc/.wh.passwd"), "etc/group etc/passwd etc/sub etc/sub/x");
        yield return Case("L11_OpaqueOfNothing", New().File("no/such/.wh..wh..opq").File("etc/passwd/.wh..wh..opq"), "");
        yield return Case("L12_WhiteoutBehindItsSibling", New().File("etc/passwd", "new").File("etc/.wh.passwd"), "");
        yield return Case("L13_DirectoryThenWhiteout", New().Dir("etc").File("etc/new").File(".wh.etc"), "etc/group etc/passwd etc/sub etc/sub/x", "etc/new");
        yield return Case("L13_WhiteoutThenDirectory", New().File(".wh.etc").Dir("etc").File("etc/new"), "etc/group etc/passwd etc/sub etc/sub/x", "etc/new");
        yield return Case("L13_WhiteoutOfAnImpliedDirectory", New().File("etc/sub/new").File(".wh.etc"), "etc/group etc/passwd etc/sub/x", "etc/sub/new");
        yield return Case("L14_Symlink", New().File(".wh.bin"), "bin");
        yield return Case("L15_ThroughASymlink", New().File("bin/.wh.sh"), "usr/bin/sh");
        yield return Case("L15_OpaqueThroughASymlink", New().File("bin/new").File("bin/.wh..wh..opq"), "usr/bin/sh", "usr/bin/new");
        yield return Case("L16_SparesWhatCameThroughASymlink", New().File("bin/sh", "new").File("usr/bin/.wh.sh"), "");
        yield return Case("L17_PrefixInTheMiddle", New().File(".wh.etc/somefile"), "", ".wh.etc .wh.etc/somefile");
        yield return Case("L19_WithData", New().Entry('0', "etc/.wh.passwd", new byte[1 << 20], new()).File("after"), "etc/passwd", "after");
        yield return Case("L19_AsDirectory", New().Dir("etc/.wh.passwd"), "etc/passwd");
        yield return Case("L19_AsDirectoryWithSlash", New().Dir("etc/.wh.passwd/"), "etc/passwd");
        yield return Case("L19_AsSymlink", New().Link("etc/.wh.passwd", "group"), "etc/passwd");
        yield return Case("L19_AsHardLink", New().Hard("etc/.wh.passwd", "etc/group"), "etc/passwd");
        yield return Case("L19_AsDevice", New().Device('3', "etc/.wh.passwd", 0, 0), "etc/passwd");
        yield return Case("L20_Aufs", New().File(".wh..wh.aufs").Dir(".wh..wh.orph").Dir(".wh..wh.plnk").File(".wh..wh.plnk/1.2", "x").File("a"), "", "a");
    }

    private static IEnumerable<TestCaseData> Packed() => Cases().SelectMany(data => Enum.GetValues<Packing>()
        .Select(packing => new TestCaseData(data.Arguments[0], data.Arguments[1], data.Arguments[2], packing).SetName($"{data.TestName}_{packing}")));

    [TestCaseSource(nameof(Packed))]
    public void Whiteout_RemovesAndSpares(byte[] upper, string gone, string added, Packing packing)
    {
        using var bench = new LayerBench();
        bench.Flatten(packing, Lower(), upper);
        var expected = Base.Except(gone.Split(' ')).Concat(added.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal);
        Assert.That(bench.Paths(), Is.EqualTo(string.Join(' ', expected)));
        Assert.That(bench.Summary.Entries, Is.EqualTo(expected.Count()));
    }

    /// <summary>The tarball of a tree in which a file has such a name: it cannot be kept, and is not lost in silence.</summary>
    [Test]
    public void Whiteout_ThatRemovesNothing_IsSaid()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Dir("d").File("d/.wh.x").File(".wh.y").File(".wh..wh.z").File("a").Build(), new TarBuilder().File(".wh.nothing").File("d/.wh..wh.mine").Build());
        Assert.That(bench.Paths(), Is.EqualTo("a d"));
        Assert.That(bench.Summary.Warnings, Is.EqualTo(["left out 4 entries whose names are those of whiteouts, which remove nothing there, such as 'd/.wh.x'"]));
    }

    [Test]
    public void Whiteout_OfAufsAndOfUpperLayers_IsFine()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File(".wh..wh.aufs").Dir(".wh..wh.plnk").Dir(".wh..wh.orph").File("d/.wh..wh.opq").File("a").Build(), new TarBuilder().File(".wh.a").File(".wh..wh..opq").Build());
        Assert.That(bench.Paths(), Is.Empty);
        Assert.That(bench.Summary.Warnings, Is.EqualTo(["left out 'd/.wh..wh.opq': its name is that of a whiteout, which removes nothing there"]), "only the mark of an opaque directory has two dots");
    }

    [Test]
    public void Whiteout_L04L05_OfNothingNameable_IsRefused([Values(".wh.", "etc/.wh.", ".wh..", "etc/.wh..", ".wh...", "etc/.wh...", ".wh./", "etc/.wh.../")] string name)
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(Lower(), new TarBuilder().File(name).Build()), Does.Contain("whiteout"));
    }

    [Test]
    public void Whiteout_L23_FourLayers_LeaveWhatEachSpares([Values] Packing packing)
    {
        byte[] Layer(params string[] names) => names.Aggregate(new TarBuilder(), (archive, name) => name.EndsWith('/') ? archive.Dir(name) : archive.File(name)).Build();
        byte[][] layers =
        [
            Layer(".hid", "hid", "one/", "one/a", "one/.dot", "one/.dir/", "one/.dir/x", "one/two/", "one/two/b", "one/two/c", "one/d", "oned", "left/", "left/e", "left/f/"),
            Layer(".new", ".wh.hid", "one/", "one/.dot2", "one/.wh..wh..opq", "one/two/", "one/two/c"),
            Layer(".new", ".wh..hid", ".wh.oned", "one/", "one/.dot", "one/.wh.two", "left/"),
            Layer(".end", ".wh..wh..opq", "oned"),
        ];
        foreach (var (count, expected) in new[]
        {
            (1, ".hid hid left left/e left/f one one/.dir one/.dir/x one/.dot one/a one/d one/two one/two/b one/two/c oned"),
            (2, ".hid .new left left/e left/f one one/.dot2 one/two one/two/c oned"),
            (3, ".new left left/e left/f one one/.dot one/.dot2"),
            (4, ".end oned"),
        })
        {
            using var bench = new LayerBench();
            bench.Flatten(packing, layers[..count]);
            Assert.That(bench.Paths(), Is.EqualTo(expected), $"{count} layers");
        }
    }

    [Test]
    public void Whiteout_L20_HardLinkIntoAufsMetadata_IsRefusedByName()
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(new TarBuilder().File(".wh..wh.plnk/1.2", "x").Hard("a", ".wh..wh.plnk/1.2").Build()), Does.Contain("link target '.wh..wh.plnk/1.2'"));
    }

    [Test]
    public void Whiteout_L21_ThenTheSameDirectoryAgain_HasOnlyTheNewContent()
    {
        using var bench = new LayerBench();
        bench.Flatten(Lower(), new TarBuilder().File(".wh.etc").Build(), new TarBuilder().File("etc/passwd", "third").Build());
        Assert.That(bench.Paths(), Is.EqualTo("bin etc etc/passwd usr usr/bin usr/bin/sh"));
        Assert.That(bench.Text("etc/passwd"), Is.EqualTo("third"));
    }

    [Test]
    public void Whiteout_OfADeepTree_NeedsNeitherStackNorDescriptors()
    {
        using var bench = new LayerBench();
        var path = string.Concat(Enumerable.Repeat("d/", 3000));
        bench.Flatten(
            new TarBuilder().Gnu('L', path + "f").File("x", "x").Dir("d/.orca-deleted-0").File("d/.orca-deleted-1/x").Build(),
            new TarBuilder().File(".wh.d").Build());
        Assert.That(bench.Paths(), Is.Empty);
        Assert.That((bench.Summary.Entries, bench.Summary.Bytes), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Whiteout_OfADirectory_TakesItsRecordsAndDevicesAlong()
    {
        var owned = new HeaderFields { Uid = TarBuilder.Octal(7, 8) };
        using var bench = new LayerBench();
        bench.Flatten(
            new TarBuilder().Dir("d", fields: owned).File("d/f", fields: owned).Device('3', "d/null", 1, 3).Device('3', "e/null", 1, 3).Device('4', "e/sda", 8, 0).File("g", fields: owned).Build(),
            new TarBuilder().File(".wh.d").File("e/.wh.null").Build());
        Assert.That(bench.Owners, Is.EqualTo("60644 0 0 8:0 e/sda\n100644 7 0 - g"));
    }

    [Test]
    public void Whiteout_Opaque_TakesLowerDevicesButNotItsOwn()
    {
        using var bench = new LayerBench();
        bench.Flatten(
            new TarBuilder().Device('3', "dev/null", 1, 3).Device('3', "dev/zero", 1, 5).Build(),
            new TarBuilder().Device('3', "dev/full", 1, 7).File("dev/.wh..wh..opq").Build());
        Assert.That(bench.Owners, Is.EqualTo("20644 0 0 1:7 dev/full"));
    }
}
