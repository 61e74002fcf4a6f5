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
