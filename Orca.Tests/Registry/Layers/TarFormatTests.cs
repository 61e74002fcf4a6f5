using NUnit.Framework;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.TarBuilder;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group T: archives that are odd but right, and what must come of them.</summary>
public sealed class TarFormatTests
{
    private static readonly string Long = string.Join('/', Enumerable.Repeat(new string('d', 200), 20));

    private static TestCaseData Case(string id, Func<TarBuilder> archive, params string[] expected) =>
        new TestCaseData(archive().Build(), expected).SetName($"Tar_{id}");

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return new TestCaseData(Array.Empty<byte>(), Array.Empty<string>()).SetName("Tar_T01_Empty");
        yield return Case("T02_OnlyZeroBlocks", () => new());
        yield return new TestCaseData(new TarBuilder().File("a", "x").BuildOpen(), new[] { "a=f 644 x" }).SetName("Tar_T03_NoEndOfArchive");
        yield return new TestCaseData(new TarBuilder().File("a", "x").BuildOpen()[..513], new[] { "a=f 644 x" }).SetName("Tar_T03_NoPadding");
        yield return Case("T05_BytesBehindTheEndAreIgnored", () => new TarBuilder().File("a", "x").Raw(new byte[1024]).Raw([1, 2, 3]), "a=f 644 x");
        yield return Case("T10_SignedChecksum", () => new TarBuilder().Entry('0', "x", [], new() { Name = Bytes("x\u00e9"), SignedChecksum = true }), "x\udce9=f 644 ");
        yield return Case("T14_PaxSizeIsLarger", () => new TarBuilder().Pax(("size", "3")).Entry('0', "a", Bytes("abc"), new() { Size = Octal(1, 12) }), "a=f 644 abc");
        yield return Case("T14_PaxSizeIsSmaller", () => new TarBuilder().Pax(("size", "3")).Entry('0', "a", Bytes("abc"), new() { Size = Octal(511, 12) }).File("b"), "a=f 644 abc", "b=f 644 ");
        foreach (var (type, kind) in new[] { ('5', "d 755"), ('\0', "d 755"), ('1', "f 644 x"), ('2', "l to"), ('6', "p 755") })
        {
            // What stat(2) tells of a directory, the length of a link's target, or a size that nobody meant: nothing stands behind the header.
            foreach (var size in new[] { Octal(1, 12), Octal(4096, 12), Octal(8L << 30, 12), Base256(-4096, 12), Base256(long.MaxValue, 12) })
            {
                var name = type == '\0' ? "e/" : "e";
                yield return Case($"T15_SizeOfType_{(int)type:x}_{Convert.ToHexString(size)}", () => new TarBuilder().File("to", "x").Entry(type, name, [], new() { Size = size, Mode = Octal(0x1ED, 8), Target = Bytes("to") }).File("z"),
                    "to=f 644 x", $"e={kind}", "z=f 644 ");
            }

            yield return Case($"T15_PaxSizeOfType_{(int)type:x}", () => new TarBuilder().File("to", "x").Pax(("size", "3")).Entry(type, type == '\0' ? "e/" : "e", [], new() { Mode = Octal(0x1ED, 8), Target = Bytes("to") }).File("z"),
                "to=f 644 x", $"e={kind}", "z=f 644 ");
        }

        yield return Case("T15_SizeOfADevice", () => new TarBuilder().Entry('3', "null", [], new() { Size = Octal(5, 12), Major = Octal(1, 8), Minor = Octal(3, 8) }).File("z"), "z=f 644 ");
        yield return Case("T25_GlobalTakesAwayWhatCameBefore", () => new TarBuilder().Pax(("path", "no")).Gnu('L', "no").Entry('g', "g", Record("comment", Bytes("x")), new()).File("a"), "a=f 644 ");
        yield return Case("T25_GlobalAtTheEnd", () => new TarBuilder().File("a").Pax(("path", "no")).Entry('g', "g", Record("comment", Bytes("x")), new()), "a=f 644 ");
        yield return Case("T24_HdrCharsetBinary", () => new TarBuilder().PaxRaw([.. Record("hdrcharset", Bytes("BINARY")), .. Record("path", Bytes("x\u00e9"))]).File("a"), "x\udce9=f 644 ");
        yield return Case("T31_SlashAtTheEndOfAFile", () => new TarBuilder().File("a/", "x"), "a=f 644 x");
        yield return Case("T34_SparseNameWithoutAMap", () => new TarBuilder().Pax(("GNU.sparse.name", "no")).File("a", "x"), "a=f 644 x");
        yield return Case("T20_PaxLastWins", () => new TarBuilder().Pax(("path", "no"), ("mtime", "1"), ("path", "yes"), ("mtime", "2")).File("a"), "yes=f 644 ");
        yield return Case("T21_PaxEmptyPath", () => new TarBuilder().Pax(("path", "no"), ("path", "")).File("a"), "a=f 644 ");
        yield return Case("T22_SeveralPaxHeaders_LastWins", () => new TarBuilder().Pax(("path", "no")).Pax(("path", "yes")).File("a"), "yes=f 644 ");
        yield return Case("T22_SeveralLongNames_LastWins", () => new TarBuilder().Gnu('L', "no").Gnu('L', "yes").File("a"), "yes=f 644 ");
        yield return Case("T24_GlobalComment", () => new TarBuilder().Entry('g', "foo/bar", Record("comment", Bytes("x")), new()).File("a"), "a=f 644 ");
        yield return Case("T26_LongNameCutAtNul", () => new TarBuilder().Gnu('L', "yes\0no").File("a"), "yes=f 644 ");
        yield return Case("T26_LongLink4095", () => new TarBuilder().Gnu('K', new string('t', 4095)).Link("l", "x"), "l=l " + new string('t', 4095));
        yield return Case("T27_EmptyLongName", () => new TarBuilder().Entry('L', "x", [], new()).File("a"), "a=f 644 ");
        yield return Case("T28_NameOf100Bytes", () => new TarBuilder().File(new string('n', 100), "x"), new string('n', 100) + "=f 644 x");
        yield return Case("T28_Prefix155Name100", () => new TarBuilder().File(new string('n', 100), "x", fields: new() { Prefix = Bytes(new string('p', 155)) }),
            new string('p', 155) + "=d 755", new string('p', 155) + "/" + new string('n', 100) + "=f 644 x");
        yield return Case("T28_GnuHasNoPrefix", () => new TarBuilder().File("a", fields: new() { Magic = HeaderFields.GnuMagic, Prefix = Octal(1234567, 12) }), "a=f 644 ");
        yield return Case("T28_OldGoWroteAPrefixIntoGnu", () => new TarBuilder().File("a", fields: new() { Magic = HeaderFields.GnuMagic, Prefix = Bytes("dir/sub") }), "dir=d 755", "dir/sub=d 755", "dir/sub/a=f 644 ");
        yield return Case("T28_OldGoWroteOnlyIntoTheChangeTime", () => new TarBuilder().File("a", fields: new() { Magic = HeaderFields.GnuMagic, Prefix = Bytes("000000000012/x") }), "000000000012=d 755", "000000000012/x=d 755", "000000000012/x/a=f 644 ");
        yield return Case("T28_PrefixThatIsNoTimeAndNotAscii", () => new TarBuilder().File("a", fields: new() { Magic = HeaderFields.GnuMagic, Prefix = Bytes("d\u00e9r") }), "a=f 644 ");
        yield return Case("T28_PrefixOfUtf8", () => new TarBuilder().File("a", fields: new() { Magic = HeaderFields.GnuMagic, Prefix = LayerBench.Utf8("dé") }), "a=f 644 ");
        yield return Case("T28_GnuTimesInBase256", () => new TarBuilder().File("a", fields: new() { Magic = HeaderFields.GnuMagic, Prefix = [.. Base256(-1, 12), .. Base256(1L << 40, 12)] }), "a=f 644 ");
        yield return Case("T28_V7HasNoPrefix", () => new TarBuilder().File("a", fields: new() { Magic = new byte[8], Prefix = Bytes("junk") }), "a=f 644 ");
        yield return Case("T28_StarPrefixOf131", () => new TarBuilder().File("a", fields: new() { Prefix = [.. Bytes(new string('p', 131)), .. Bytes("17777777777 17777777777 "), .. new byte[8], .. Bytes("tar\0")] }),
            new string('p', 131) + "=d 755", new string('p', 131) + "/a=f 644 ");
        yield return Case("T30_V7Directory", () => new TarBuilder().Entry('\0', "d/", [], new() { Magic = new byte[8], Mode = Octal(0x1C0, 8) }), "d=d 700");
        yield return Case("T30_V7File", () => new TarBuilder().Entry('\0', "d", Bytes("x"), new() { Magic = new byte[8] }), "d=f 644 x");
        yield return Case("T31_Contiguous", () => new TarBuilder().Entry('7', "a", Bytes("x"), new()), "a=f 644 x");
        yield return Case("T39_SpacesAndNuls", () => new TarBuilder().File("a", "x", fields: new() { Mode = Bytes("   600 \0"), Size = Bytes("1          \0"), Uid = Bytes("00000000"), Time = Bytes("\0\0    12\0\0\0\0") }), "a=f 600 x");
        yield return Case("T39_Unterminated", () => new TarBuilder().File("a", "x", fields: new() { Mode = Bytes("00000600"), Size = Bytes("000000000001"), Time = Bytes("000000000001") }), "a=f 600 x");
        yield return Case("T40_EmptyNumbers", () => new TarBuilder().File("a", "", fields: new() { Mode = new byte[8], Size = new byte[12], Uid = new byte[8], Gid = Bytes("        "), Time = new byte[12] }), "a=f 400 ");
        yield return Case("T41_ModeIsMasked", () => new TarBuilder().File("a", fields: new() { Mode = Bytes("0100640\0") }).File("b", fields: new() { Mode = Bytes("0177777\0") }), "a=f 640 ", "b=f 7777 ");
        yield return Case("T43_Names", () => new TarBuilder().File("a\nb").File("a\tb").File("\u001b[2J").File("\u202e").File("-rf").File("   ").File("a\\b").File("C:x"),
            "a\nb=f 644 ", "a\tb=f 644 ", "\u001b[2J=f 644 ", "\u202e=f 644 ", "-rf=f 644 ", "   =f 644 ", "a\\b=f 644 ", "C:x=f 644 ");
        yield return Case("T43_NotUtf8", () => new TarBuilder().Entry('0', "", [], new() { Name = Bytes("x\u00e9") }).Entry('0', "", [], new() { Name = Bytes("x\u00e8") }), "x\udce9=f 644 ", "x\udce8=f 644 ");
    }

    [TestCaseSource(nameof(Cases))]
    public void Tar_OddButRight_IsUnpacked(byte[] archive, string[] expected)
    {
        using var bench = new LayerBench();
        bench.Flatten(archive);
        Assert.That(bench.List().Where(e => e.Key != ".").Select(e => $"{e.Key}={e.Value}"), Is.EquivalentTo(expected));
    }

    [Test]
    public void Tar_T26_LongNameOf4095Bytes_IsUnpacked([Values('L', 'x')] char type)
    {
        var name = Long + "/" + new string('n', 75);
        using var bench = new LayerBench();
        bench.Flatten((type == 'L' ? new TarBuilder().Gnu('L', name) : new TarBuilder().Pax(("path", name))).File("short", "x").Build());
        Assert.That(bench.Text(name), Is.EqualTo("x"));
    }

    [TestCase("-1", -1, 0u)]
    [TestCase("0", 0, 0u)]
    [TestCase("", 1_000_000_000, 0u)]
    [TestCase("1.", 1, 0u)]
    [TestCase(".5", 0, 500_000_000u)]
    [TestCase("-1.25", -2, 750_000_000u)]
    [TestCase("1.123456789123456789", 1, 123_456_789u)]
    public void Tar_T38_PaxTime_IsSet(string text, long seconds, uint nanoseconds)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Pax(("mtime", text)).File("a").Pax(("mtime", text)).Dir("d").Pax(("mtime", text)).Link("l", "x").Build());
        foreach (var name in new[] { "a", "d", "l" })
        {
            Assert.That(bench.Status(name).Modified, Is.EqualTo((seconds, nanoseconds)), name);
        }
    }

    [Test]
    public void Tar_T20_LastOfTwoTimes_Wins()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Pax(("mtime", "1"), ("mtime", "2")).File("a").Build());
        Assert.That(bench.Status("a").Modified, Is.EqualTo((2L, 0u)));
    }

    [TestCase("100000000000000000000")]
    [TestCase("-4611686018427387904")]
    [TestCase("-99999999999999999999999999999999999999999999999999.5")]
    public void Tar_T38_HugePaxTime_IsClamped(string text)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Pax(("mtime", text)).File("a", "x").Build());
        Assert.That(bench.Text("a"), Is.EqualTo("x"));
    }

    [Test]
    public void Tar_T38_HugeHeaderTime_IsClamped([Values("100000000000000000000", "-4611686018427387904", "-1")] string seconds)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File("a", "x", fields: new() { Time = Base256(Int128.Parse(seconds, null), 12) }).Build());
        Assert.That(bench.Text("a"), Is.EqualTo("x"));
    }

    [TestCase("-1", "65534")]
    [TestCase("-2", "65534")]
    [TestCase("2147483648", "2147483648")]
    [TestCase("4294967294", "4294967294")]
    public void Tar_T37_Owner_IsRemembered(string id, string remembered)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File("a", fields: new() { Uid = Base256(Int128.Parse(id, null), 8) }).Pax(("gid", id)).File("b").Build());
        Assert.That(bench.Owners, Is.EqualTo($"100644 {remembered} 0 - a\n100644 0 {remembered} - b"));
    }

    [Test]
    public void Tar_DeviceNumbers_AreThoseOfDialectsThatHaveThem([Values] bool isV7)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Entry('4', "sda", [], new() { Magic = isV7 ? new byte[8] : null, Major = Octal(8, 8), Minor = Octal(1, 8) }).Build());
        Assert.That(bench.Owners, Is.EqualTo(isV7 ? "60644 0 0 0:0 sda" : "60644 0 0 8:1 sda"));
    }

    [Test]
    public void Tar_WhatIsIgnored_IsSaid()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File("a").Raw(new byte[1024]).File("b").Build());
        Assert.That(bench.Paths(), Is.EqualTo("a"));
        Assert.That(bench.Summary.Warnings, Has.One.Contains("after the end mark"));
    }

    [Test]
    public void Tar_ZerosAndCommentsAreIgnored_WithoutAWord()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().PaxRaw(Record("comment", Bytes("x")), 'g').File("a").Raw(new byte[20480]).Build());
        Assert.That(bench.Summary.Warnings, Is.Empty);
    }

    [Test]
    public void Tar_T44_XattrValues_AreByteExact()
    {
        byte[] value = [0, 10, (byte)'=', 0x80, 0xff, 0, (byte)'\n'];
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().PaxRaw([.. Record("SCHILY.xattr.user.a", value), .. Record("SCHILY.xattr.user.empty", []), .. Record("SCHILY.xattr.user.a%3Db%25", [1]), .. Record("SCHILY.xattr.user.é", [2])]).File("f", "x", 0x124).Build());
        Assert.That(TreeListing.Xattr(bench.Root, "f", "user.a"), Is.EqualTo(value));
        Assert.That(TreeListing.Xattr(bench.Root, "f", "user.empty"), Is.Empty);
        Assert.That(TreeListing.Xattr(bench.Root, "f", "user.a=b%"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(TreeListing.Xattr(bench.Root, "f", "user.é"), Is.EqualTo(new byte[] { 2 }));
        Assert.That(bench.List()["f"], Is.EqualTo("f 444 x"));
    }
}
