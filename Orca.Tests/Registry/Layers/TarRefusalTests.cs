using System.Text;
using NUnit.Framework;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.TarBuilder;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group T: archives that are wrong, and the words with which they are refused.</summary>
public sealed class TarRefusalTests
{
    private static TestCaseData Case(string id, byte[] archive, string words) => new TestCaseData(archive, words).SetName($"Tar_{id}");

    private static byte[] Junk(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static IEnumerable<TestCaseData> Cases()
    {
        TarBuilder New() => new();
        yield return Case("T04_OneZeroBlock", New().File("a").Raw(new byte[512]).File("b").Build(), "zero block");
        yield return Case("T07_CutInsideAHeader", New().File("a").File("b").BuildOpen()[..812], "unexpected end");
        yield return Case("T07_CutInsideTheFirstHeader", New().File("a").BuildOpen()[..300], "unexpected end");
        yield return Case("T08_CutInsideData", New().Entry('0', "a", new byte[100], new() { Size = Octal(5000, 12) }).BuildOpen(), "unexpected end");
        yield return Case("T09_FlippedByte", New().File("a", fields: new() { Break = b => b[3] ^= 1 }).Build(), "checksum");
        yield return Case("T09_FlippedByteLater", New().File("a").File("b", fields: new() { Break = b => b[101] ^= 1 }).Build(), "checksum");
        yield return Case("T09_ChecksumIsNoNumber", New().File("a", fields: new() { Break = b => b[148] = (byte)'x' }).Build(), "checksum");
        yield return Case("T11_Random", Junk(1, 10240), "not a tar");
        yield return Case("T11_Html", Encoding.ASCII.GetBytes("<!doctype html><title>404</title>" + new string(' ', 1000)), "not a tar");
        yield return Case("T11_ShortHtml", Encoding.ASCII.GetBytes("<html>"), "not a tar");
        yield return Case("T11_Png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, .. Junk(2, 2000)], "not a tar");
        yield return Case("T11_Elf", [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, .. Junk(3, 2000)], "not a tar");
        yield return Case("T12_NegativeSize", New().File("a", fields: new() { Size = Base256(-1, 12) }).Build(), "negative size");
        yield return Case("T12_NegativePaxSize", New().Pax(("size", "-5")).File("a").Build(), "negative size");
        yield return Case("T13_LargestSize", New().File("a", fields: new() { Size = Base256(long.MaxValue, 12) }).Build(), "exceeds limit");
        yield return Case("T13_EightEiB", New().Pax(("size", "9223372036854775808")).File("a").Build(), "exceeds limit");
        yield return Case("T13_Enormous", New().Pax(("size", new string('9', 60))).File("a").Build(), "exceeds limit");
        yield return Case("T15_DirectoryWithData", New().Entry('5', "d", Bytes("not a header"), new()).Build(), "wrong header checksum");
        yield return Case("T15_HardLinkWithData", New().File("a").Entry('1', "b", Bytes("not a header"), new() { Target = Bytes("a") }).Build(), "wrong header checksum");
        yield return Case("T15_SizeOfALinkIsNoNumber", New().Link("l", "x", new() { Size = Bytes("xyz") }).Build(), "size is not a number");
        yield return Case("T15_BodyRunsOnPastItsSize", New().Entry('0', "a", Bytes(new string('x', 1000)), new() { Size = Octal(400, 12) }).Build(), "wrong header checksum");
        yield return Case("T15_DirectoryWithASparseMap", New().Pax(("GNU.sparse.map", "0,1"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.size", "1")).Dir("d").Build(), "its type has no data");
        yield return Case("T33_SparseOfStar", New().Entry('S', "a", [], new()).Build(), "a form other than GNU's");
        yield return Case("T34_FewerRegionsThanAnnounced", New().Pax(("GNU.sparse.map", "0,1"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.size", "1")).File("a", "x").Build(), "sparse map");
        yield return Case("T18_LargePax", New().Entry('x', "x", [], new() { Size = Octal(3L << 30, 12) }).Build(), "header too large");
        yield return Case("T18_LargeLongName", New().Entry('L', "x", [], new() { Size = Octal(3L << 30, 12) }).Build(), "header too large");
        yield return Case("T18_NegativePax", New().Entry('x', "x", [], new() { Size = Base256(-3, 12) }).Build(), "negative size");
        yield return Case("T19_PathHoldsNul", New().Pax(("path", "a\0b")).File("a").Build(), "PAX");
        yield return Case("T19_LinkPathHoldsNul", New().Pax(("linkpath", "a\0b")).Link("a", "b").Build(), "PAX");
        yield return Case("T19_EmptyKey", New().Pax(("", "x")).File("a").Build(), "PAX");
        yield return Case("T19_KeyHoldsNul", New().Pax(("a\0b", "x")).File("a").Build(), "PAX");
        yield return Case("T23_PaxAndNothing", New().Pax(("path", "a")).BuildOpen(), "unexpected end");
        yield return Case("T23_PaxAndZeros", New().Pax(("path", "a")).Build(), "unexpected end");
        yield return Case("T23_LongNameAndNothing", New().Gnu('L', "a").BuildOpen(), "unexpected end");
        yield return Case("T23_CutInsidePax", New().Pax(("path", new string('a', 600))).BuildOpen()[..700], "unexpected end");
        foreach (var key in new[] { "path", "linkpath", "size", "uid", "GNU.sparse.map", "SCHILY.xattr.user.x" })
        {
            yield return Case($"T25_Global_{key}", New().PaxRaw(Record(key, Bytes("1")), 'g').File("a").Build(), "global header");
        }

        foreach (var type in "VMNDAXZ")
        {
            yield return Case($"T32_Type_{type}", New().Entry(type, "a", [], new()).Build(), $"type '{type}'");
        }

        yield return Case("T32_Type_FF", New().Entry('\u00ff', "a", [], new()).Build(), "type '\\xff'");
        yield return Case("T37_Uid2to32", New().File("a", fields: new() { Uid = Base256(1L << 32, 8) }).Build(), "user id");
        yield return Case("T37_Uid2to32Less1", New().File("a", fields: new() { Uid = Base256(uint.MaxValue, 8) }).Build(), "user id");
        yield return Case("T37_GidOfPax", New().Pax(("gid", "18446744073709551615")).File("a").Build(), "group id");
        yield return Case("T37_GidIsNoNumber", New().Pax(("gid", "root")).File("a").Build(), "PAX");
        foreach (var time in new[] { "abc", "NaN", ".", "-", "1.x", "--1", "1.-5", "+1", " 1", "1e3" })
        {
            yield return Case($"T38_Time_{time}", New().Pax(("mtime", time)).File("a").Build(), "PAX");
        }

        yield return Case("T39_LeadingGarbage", New().File("a", fields: new() { Mode = Bytes("x7\0") }).Build(), "not a number");
        yield return Case("T39_DigitEight", New().File("a", fields: new() { Size = Bytes("00000000008\0") }).Build(), "not a number");
        yield return Case("T39_Negative", New().File("a", fields: new() { Uid = Bytes("-1\0") }).Build(), "not a number");
        yield return Case("L49_DeviceMinus1", New().Device('3', "a", -1, 3).Build(), "device number");
        yield return Case("L49_Device2to32", New().Device('4', "a", 8, 1L << 32).Build(), "device number");
    }

    [TestCaseSource(nameof(Cases))]
    public void Tar_Wrong_IsRefused(byte[] archive, string words)
    {
        using var bench = new LayerBench();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(bench.Refusal(archive), Does.Contain(words));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(32 << 20), "T13, T18: nothing is made room for that an archive only announces");
    }

    [Test]
    public void Tar_T43_NameInAMessage_MovesNoCursor([Values("a\nb", "a\tb", "\u001b[2J", "\u202e", "-rf", "   ", "a\\b", "C:x", "\u2028", "x\u0085y")] string name)
    {
        using var bench = new LayerBench();
        var message = bench.Refusal(new TarBuilder().Dir("d").File("d/" + name, fields: new() { Size = Base256(-1, 12) }).Build());
        Assert.That(message, Does.Match("^cannot unpack 'd/.*' \\(layer 1, byte 512\\): negative size$"));
        Assert.That(message.Any(c => char.IsControl(c) || c is '\u202e' or '\u2028'), Is.False, message);
    }

    [TestCase("99 path=a\n")]
    [TestCase("5 path=abc\n")]
    [TestCase("0 path=a\n")]
    [TestCase("-9 path=a\n")]
    [TestCase("+9 path=a\n")]
    [TestCase(" 9 path=a\n")]
    [TestCase("9 path=ab")]
    [TestCase("9 pathaa\n")]
    [TestCase("path=a\n")]
    [TestCase("9  path=\n\0")]
    [TestCase("99999999999999999999 path=a\n")]
    [TestCase("10 path=ab\n7")]
    [TestCase("2 \n")]
    [TestCase("\0\0\0")]
    public void Tar_T16_MalformedPaxRecord_IsRefused(string payload)
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(new TarBuilder().PaxRaw(Bytes(payload)).File("a").Build()), Does.Contain("PAX"));
        using var second = new LayerBench();
        Assert.That(second.Refusal(new TarBuilder().PaxRaw(Bytes(payload), 'g').File("a").Build()), Does.Contain("PAX"), "T17: global headers, too");
    }

    [Test]
    public void Tar_Refused_NamesLayerEntryAndOffset_AndEscapesTheName()
    {
        using var bench = new LayerBench();
        var message = bench.Refusal(new TarBuilder().File("good", "x").Build(), new TarBuilder().File("one", "x").File("\u001b[2Jevil\n", fields: new() { Size = Base256(-1, 12) }).Build());
        Assert.That(message, Is.EqualTo("cannot unpack '\\x1b[2Jevil\\x0a' (layer 2, byte 1024): negative size"));
    }

    [Test]
    public void Tar_T47_MoreEntriesThanTheLimit_AreRefused()
    {
        var archive = new TarBuilder();
        for (var i = 0; i < 11; i++)
        {
            archive.File($"f{i}");
        }

        using var bench = new LayerBench { Limits = new LayerLimits { MaxEntries = 10 } };
        Assert.That(bench.Refusal(archive.Build()), Does.Contain("too many entries").And.Contain("exceeds limit"));
    }

    [Test]
    public void Tar_Z15_LayersWhoseSumIsOverTheLimit_AreRefused()
    {
        var layer = new TarBuilder().Entry('0', "a", new byte[6000], new()).Build();
        using var bench = new LayerBench { Limits = new LayerLimits { MaxBytes = 16_000 } };
        Assert.That(bench.Refusal(layer, layer, layer), Does.Contain("exceeds limit of 16000 bytes"));
    }

    [Test]
    public void Tar_Z15_EndlessZerosBehindTheEnd_AreRefused()
    {
        using var bench = new LayerBench { Limits = new LayerLimits { MaxBytes = 100_000 } };
        Assert.That(bench.Refusal([.. new TarBuilder().File("a").Build(), .. new byte[200_000]]), Does.Contain("exceeds limit of 100000 bytes"));
    }

    [Test]
    public void Tar_PathOverTheLimit_IsRefused()
    {
        using var bench = new LayerBench();
        Assert.That(bench.Refusal(new TarBuilder().Gnu('L', string.Concat(Enumerable.Repeat("d/", 20_000))).File("a").Build()), Does.Contain("exceeds limit"));
    }
}
