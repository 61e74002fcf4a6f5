using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group Z: what compressed bytes can do wrong.</summary>
public sealed class CompressionTests
{
    private static readonly byte[] Text = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * i / 7))];
    private static readonly byte[] Gz = LayerBench.Pack(Text, Packing.Gzip);
    private static readonly byte[] Zst = LayerBench.Pack(Text, Packing.Zstd);
    private static readonly byte[] Skippable = [0x5a, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];

    private static byte[] Changed(byte[] bytes, Index at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 1;
        return copy;
    }

    /// <summary>A gzip header with flags and the fields they announce, in front of the body of <see cref="Gz"/>.</summary>
    private static byte[] WithHeader(byte flags, params byte[] fields) => [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3, .. fields, .. Gz[10..]];

    internal static IEnumerable<TestCaseData> Good()
    {
        TestCaseData Case(string id, byte[] bytes, int times = 1) => new TestCaseData(bytes, times).SetName($"Compression_{id}");
        yield return Case("Plain", Text);
        yield return Case("Empty", [], 0);
        yield return Case("Gzip", Gz);
        yield return Case("Z05_TwoMembers", [.. Gz, .. Gz], 2);
        yield return Case("Z05_EmptyMembers", [.. LayerBench.Pack([], Packing.Gzip) is { Length: > 0 } e ? e : WithEmpty(), .. Gz, .. WithEmpty(), .. Gz], 2);
        yield return Case("Z07_TrailingZeros", [.. Gz, .. new byte[512 * 300]]);
        yield return Case("Z09_Extra64KiB", WithHeader(4, [0xff, 0xff, .. new byte[65535]]));
        yield return Case("Z09_NameAndComment", WithHeader(0x18, [(byte)'n', 0, (byte)'c', 0]));
        yield return Case("Z12_Zstd", Zst);
        yield return Case("Z12_ZstdFrames", [.. Zst, .. Zst, .. Zst], 3);
        yield return Case("Z12_ZstdSkippableEverywhere", [.. Skippable, .. Zst, .. Skippable, .. Zst, .. Skippable], 2);
        yield return Case("Z12_ZstdOnlySkippable", Skippable, 0);
        yield return Case("Z12_ZstdStreamedWithoutContentSize", StreamedZstd(checksum: false));
        yield return Case("Z12_ZstdWithChecksum", StreamedZstd(checksum: true));
    }

    private static byte[] WithEmpty() => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] StreamedZstd(bool checksum)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZstdSharp.CompressionStream(packed, 3, leaveOpen: true))
        {
            stream.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, checksum ? 1 : 0);
            stream.Write(Text);
        }

        return packed.ToArray();
    }

    internal static IEnumerable<TestCaseData> Bad()
    {
        TestCaseData Case(string id, byte[] bytes, string words) => new TestCaseData(bytes, words).SetName($"Compression_{id}");
        yield return Case("Z01_Half", Gz[..(Gz.Length / 2)], "truncated");
        yield return Case("Z02_NoTrailer", Gz[..^8], "truncated");
        yield return Case("Z02_HalfTrailer", Gz[..^4], "truncated");
        yield return Case("Z02_AlmostAllTrailer", Gz[..^1], "truncated");
        yield return Case("Z03_HeaderOnly", Gz[..10], "truncated");
        yield return Case("Z03_HalfHeader", Gz[..5], "truncated");
        yield return Case("Z04_Crc", Changed(Gz, ^8), "gzip checksum");
        yield return Case("Z04_Length", Changed(Gz, ^1), "gzip checksum");
        yield return Case("Z04_HeaderCrc", WithHeader(2, 0x12, 0x34), "gzip checksum");
        yield return Case("Z06_SecondMemberCut", [.. Gz, .. Gz[..^9]], "truncated");
        yield return Case("Z06_SecondHeaderCut", [.. Gz, .. Gz[..3]], "truncated");
        yield return Case("Z08_TrailingGarbage", [.. Gz, 1, 2, 3], "something else behind");
        yield return Case("Z08_GarbageBehindZeros", [.. Gz, .. new byte[600], 1], "something else behind");
        yield return Case("Z08_MemberBehindZeros", [.. Gz, .. new byte[600], .. Gz], "something else behind");
        yield return Case("Z09_NameWithoutEnd", WithHeader(8, [.. Enumerable.Repeat((byte)'n', 1 << 20)]), "gzip header");
        yield return Case("Z09_ShortNameWithoutEnd", [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, (byte)'n'], "truncated");
        yield return Case("Z09_CommentOf10MiB", WithHeader(16, [.. Enumerable.Repeat((byte)'c', 10 << 20), 0]), "gzip header");
        yield return Case("Z09_ReservedFlags", WithHeader(0xe0), "gzip");
        yield return Case("Z10_Method", [0x1f, 0x8b, 7, .. Gz[3..]], "gzip");
        yield return Case("Z10_DamagedBody", Changed(Gz, 60), "gzip");
        yield return Case("Z13_ZstdChecksum", Changed(StreamedZstd(checksum: true), ^1), "zstd");
        yield return Case("Z13_ZstdCut", Zst[..^5], "truncated");
        yield return Case("Z13_ZstdMagicOnly", Zst[..4], "truncated");
        yield return Case("Z13_ZstdSecondFrameCut", [.. Zst, .. Zst[..^5]], "truncated");
        yield return Case("Z13_SkippableCut", [.. Zst, .. Skippable[..^1]], "truncated");
        yield return Case("Z13_ReservedBit", [.. Zst[..4], (byte)(Zst[4] | 8), .. Zst[5..]], "zstd");
        yield return Case("Z13_Dictionary", [0x28, 0xb5, 0x2f, 0xfd, 0x21, 77, 5, 1, 0, 0], "zstd");
        yield return Case("Z13_WindowOf256MiB", [0x28, 0xb5, 0x2f, 0xfd, 0, (28 - 10) << 3, 1, 0, 0], "window");
        yield return Case("Z13_WindowOf4TiB", [0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0], "window");
        yield return Case("Z13_GarbageBehindZstd", [.. Zst, 1, 2, 3, 4, 5, 6], "zstd");
        yield return Case("Z16_XzOfNothing", [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0, 4, 1, 2], "truncated xz stream");
        yield return Case("Z16_XzOfAnotherCheck", [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0, 2, 0xd3, 0x7e, 0x64, 0x2c], "xz");
        yield return Case("Z16_Bzip2OfNothing", [.. "BZh9"u8, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 1, 2], "truncated bzip2 stream");
        yield return Case("Z16_LzipOfNothing", [.. "LZIP"u8, 1, 12], "truncated lzip stream");
        yield return Case("Z16_LzipOfAnOddDictionary", [.. "LZIP"u8, 1, 31, .. new byte[40]], "malformed lzip stream");
        yield return Case("Z16_CompressOfTooManyBits", [0x1f, 0x9d, 0x9f, 1, 2, 3, 4, 5, 6, 7], "malformed compress (.Z) stream");
        yield return Case("Z16_CompressOfNothing", [0x1f, 0x9d], "truncated compress (.Z) stream");
        yield return Case("Z16_CompressOfWrongCodes", [0x1f, 0x9d, 0x90, 0xff, 0xff, 0xff, 0xff, 0xff], "malformed compress (.Z) stream");
        yield return Case("Z16_Lz4", [0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7, 1, 2, 3], "lz4 is not supported");
        yield return Case("Z16_Lzma", [0x5d, 0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff], "lzma is not supported");
    }

    [TestCaseSource(nameof(Good))]
    public void Compression_Right_IsUndone(byte[] bytes, int times)
    {
        byte[] expected = [.. Enumerable.Repeat(Text, times).SelectMany(t => t)];
        Assert.That(LayerChain.Decompress(bytes).AsSpan().SequenceEqual(expected), Is.True);
        Assert.That(LayerChain.Decompress(new DribbleStream(bytes)).AsSpan().SequenceEqual(expected), Is.True, "Z18: one byte a read");
    }

    [TestCaseSource(nameof(Bad))]
    public void Compression_Wrong_IsRefused(byte[] bytes, string words)
    {
        Assert.That(() => LayerChain.Decompress(bytes), Throws.TypeOf<ContentException>().With.Message.Contains(words));
        Assert.That(() => LayerChain.Decompress(new DribbleStream(bytes)), Throws.TypeOf<ContentException>().With.Message.Contains(words));
    }

    [Test]
    public void Compression_PlainFileNamedLikeBzip2_IsNoBzip2()
    {
        var archive = new TarBuilder().File("BZh9 and more").Build();
        Assert.That(LayerChain.Decompress(archive), Is.EqualTo(archive));
    }

    [Test]
    public void Compression_Z03_EmptyBlobOfAGzipType_IsRefused() =>
        Assert.That(() => LayerChain.Open([], [], MediaTypes.OciLayerGzip), Throws.TypeOf<ContentException>());

    [Test]
    public void Compression_Z11_GzipInGzip_IsNoTar()
    {
        var inner = LayerBench.Pack(new TarBuilder().File("a").Build(), Packing.Gzip);
        using var bench = new LayerBench();
        Assert.That(Assert.Catch<OrcaException>(() => bench.Flatten(Packing.Gzip, inner))!.Message, Does.Contain("not a tar"));
    }

    [Test]
    public void Compression_Z15_Bomb_EndsAtTheLimit([Values(Packing.Gzip, Packing.Zstd)] Packing packing)
    {
        using var bench = new LayerBench { Limits = new LayerLimits { MaxBytes = 4 << 20 } };
        var bomb = new TarBuilder().Entry('0', "a", new byte[64 << 20], new()).Build();
        Assert.That(Assert.Catch<OrcaException>(() => bench.Flatten(packing, bomb))!.Message, Does.Contain("exceeds limit"));
        Assert.That(bench.Paths(), Is.Empty);
    }
}
