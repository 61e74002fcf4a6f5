using System.Security.Cryptography;
using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Scratch;
using Orca.Tests.Fixtures;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Orca.Tests.Registry.Layers.Zstd;

/// <summary>Frames with windows too large for memory, with zstd's own decoder as the oracle.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class LongFrameTests
{
    private CanaryTree _canary = null!;
    private Fd _directory = null!;

    [SetUp]
    public void MakePlace()
    {
        _canary = new CanaryTree(inMemory: true);
        _directory = FileSystem.OpenDirectory(null, PathZ.From(_canary.Root));
    }

    [TearDown]
    public void CheckPlace()
    {
        _directory.Dispose();
        Assert.That(Directory.GetFileSystemEntries(_canary.Root), Is.Empty);
        _canary.Dispose();
    }

    private static IEnumerable<TestCaseData> GoodZstd() => CompressionTests.Good().Where(static one => IsZstd((byte[])one.Arguments[0]!)).Select(static one => one.SetName($"Long{one.TestName}"));

    private static IEnumerable<TestCaseData> BadZstd() => CompressionTests.Bad().Where(static one => IsZstd((byte[])one.Arguments[0]!)).Select(static one => one.SetName($"Long{one.TestName}"));

    [TestCaseSource(nameof(GoodZstd))]
    public void Right_IsUndone(byte[] bytes, int times)
    {
        _ = times;
        Assert.That(Decode(bytes).AsSpan().SequenceEqual(Decode(bytes, long.MaxValue)), Is.True);
    }

    [TestCaseSource(nameof(BadZstd))]
    public void Wrong_IsRefused(byte[] bytes, string words) =>
        Assert.That(() => Decode(bytes), Throws.TypeOf<ContentException>().With.Message.Contains(words));

    /// <summary>The block of a frame with a window of 128 MiB: literals that are packed by Huffman, and no sequences.</summary>
    [TestCase("660003" + "8010" + "010001000100" + "04040401", true, TestName = "FourStreams_OfSixLiterals")]
    [TestCase("460003" + "8010" + "010001000100" + "02020202", false, TestName = "FourStreams_OfFourLiterals")]
    [TestCase("360003" + "8010" + "010001000100" + "02020201", false, TestName = "FourStreams_OfThreeLiterals")]
    [TestCase("060003" + "8010" + "010001000100" + "01010101", false, TestName = "FourStreams_OfNothing")]
    [TestCase("128001" + "04103f1203" + "03", false, TestName = "TableOfWeights_ThatEndsBeforeItsSecondState")]
    public void LiteralsOfHand_AreTakenOrRefusedAsByTheLibrary(string literals, bool isGood)
    {
        var section = Convert.FromHexString(literals + "00");
        byte[] frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x88, (byte)((section.Length << 3) | 5), (byte)(section.Length >> 5), 0, .. section];
        Assert.That((TryDecode(frame, longestInMemory: 0) is not null, TryDecode(frame, long.MaxValue) is not null), Is.EqualTo((isGood, isGood)));
    }

    [Test]
    public void AnyContent_ComesOut()
    {
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var content = Content(random);
                var packed = Pack(content, random.Next(-3, 20), random.Next(2) == 0, windowLog: random.Next(2) == 0 ? 24 : 10 + random.Next(14));
                var outcome = Decode(packed, slice: 1 + random.Next(200_000));
                Assert.That(outcome.AsSpan().SequenceEqual(content), Is.True, $"seed {seed}");
            },
            iter: Sampling.Rounds(300), threads: 2);
    }

    /// <summary>More than the ring of the file holds, with matches from everywhere in the window.</summary>
    [Test]
    public void DistantMatches_AreFound()
    {
        var random = new Random(7);
        var content = new byte[70 << 20];
        random.NextBytes(content.AsSpan(0, 12 << 20));
        for (var end = 12 << 20; end < content.Length;)
        {
            var length = Math.Min(random.Next(3) == 0 ? 1 + random.Next(300) : 64 + random.Next(200_000), content.Length - end);
            var distance = length + random.Next((16 << 20) - length + 1);
            content.AsSpan(Math.Max(0, end - distance), length).CopyTo(content.AsSpan(end));
            end += length;
            content[end - 1]++;
        }

        var packed = Pack(content, 3, checksum: true, windowLog: 24);
        Assert.That(packed, Has.Length.LessThan(content.Length / 4), "it has matches");
        Assert.That(Decode(packed, longestInMemory: 8 << 20).AsSpan().SequenceEqual(content), Is.True);
    }

    /// <summary>Whatever the bytes are, it is a refusal, or what the library makes of them too; that does not look whether streams of literals end where they should.</summary>
    [Test]
    public void DamagedFrames_AreRefusedOrAlike()
    {
        var (rounds, alike) = (Sampling.Rounds(1000), 0);
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var packed = Pack(Content(random).AsSpan(0), random.Next(-3, 20), checksum: false, windowLog: 20);
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    var at = random.Next(3) == 0 ? random.Next(Math.Min(packed.Length, 40)) : random.Next(packed.Length);
                    packed[at] ^= (byte)(1 << random.Next(8));
                }

                if (TryDecode(packed, longestInMemory: 0) is { } outcome)
                {
                    Assert.That(TryDecode(packed, long.MaxValue), Is.EqualTo(outcome), $"seed {seed}");
                    Interlocked.Increment(ref alike);
                }
            },
            iter: rounds, threads: 2);
        Assert.That(alike, Is.GreaterThan(rounds / 10));
    }

    [Test]
    public void WindowThatFindsNoRoom_IsTheStoresFault()
    {
        var packed = Pack(new byte[3 << 20], 3, checksum: false, windowLog: 24);
        var full = FileSystem.Open(null, PathZ.From("/dev/full"), 2 /* O_RDWR */);
        using var decoder = Open(packed, 0, () => new ScratchFile(full, "the window of a layer"));
        Assert.That(() => decoder.CopyTo(Stream.Null), Throws.TypeOf<StoreException>().With.Message.Contains("the window of a layer").And.Message.Contains("o space"));
    }

    [Test]
    public void OrdinaryFrames_NeedNoFile()
    {
        using var decoder = Open(Pack(new byte[1000], 3, checksum: false, windowLog: 23), 8 << 20, () => throw new InvalidOperationException("no file is needed"));
        Assert.That(decoder.ReadByte(), Is.Zero);
    }

    /// <summary>A frame that fits into memory needs no file, and what frames need is there once: a thousand of them are a small archive.</summary>
    [Test]
    public void ManyFrames_ShareWhatTheyNeed()
    {
        byte[] content = [.. Enumerable.Range(0, 3 << 20).Select(static i => (byte)(i >> 12))], small = [1, 2, 3], none = [];
        byte[][] frames = [.. Enumerable.Repeat(small, 500), content, .. Enumerable.Repeat(none, 500), content, small];
        var files = 0;
        using var decoder = Open([.. frames.SelectMany(static frame => Pack(frame, 3, checksum: true, windowLog: 24))], 8 << 20, () =>
        {
            files++;
            return ScratchSpace.OpenFile(_directory, "the window");
        });
        var outcome = new MemoryStream();
        decoder.CopyTo(outcome);
        Assert.That(outcome.ToArray().AsSpan().SequenceEqual([.. frames.SelectMany(static frame => frame)]), Is.True);
        Assert.That(files, Is.EqualTo(1));
    }

    private static bool IsZstd(byte[] bytes) => bytes is [0x28, 0xb5, 0x2f, 0xfd, ..] or [0x5a, 0x2a, 0x4d, 0x18, ..];

    private static byte[] Content(Random random)
    {
        var content = new byte[random.Next(10) == 0 ? random.Next(3_000_000) : random.Next(300_000)];
        for (var end = 0; end < content.Length;)
        {
            var part = content.AsSpan(end, Math.Min(content.Length - end, 1 + random.Next(random.Next(20) == 0 ? 300_000 : 400)));
            switch (random.Next(5))
            {
                case 0:
                    random.NextBytes(part);
                    break;
                case 1:
                    part.Fill((byte)random.Next(256));
                    break;
                case 2 when end > 0:
                    var from = random.Next(end);
                    for (var i = 0; i < part.Length; i++)
                    {
                        part[i] = content[from + i];
                    }

                    break;
                default:
                    for (var i = 0; i < part.Length; i++)
                    {
                        part[i] = (byte)"etaoin shrdlu,.\n"[(int)(random.NextDouble() * random.NextDouble() * 16)];
                    }

                    break;
            }

            end += part.Length;
        }

        return content;
    }

    private static byte[] Pack(ReadOnlySpan<byte> content, int level, bool checksum, int windowLog)
    {
        using var packed = new MemoryStream();
        using (var stream = new CompressionStream(packed, level, leaveOpen: true))
        {
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, checksum ? 1 : 0);
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, windowLog);
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_enableLongDistanceMatching, 1);
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static ZstdDecoder Open(byte[] packed, ulong longestInMemory, Func<ScratchFile>? scratch) =>
        new(new InputWindow(new MemoryStream(packed)), "layer x", scratch, longestInMemory);

    private string? TryDecode(byte[] packed, long longestInMemory)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(Decode(packed, longestInMemory)));
        }
        catch (ContentException)
        {
            return null;
        }
    }

    private byte[] Decode(byte[] packed, long longestInMemory = 0, int slice = 81920)
    {
        using var decoder = Open(packed, (ulong)longestInMemory, () => ScratchSpace.OpenFile(_directory, "the window"));
        var outcome = new MemoryStream();
        decoder.CopyTo(outcome, slice);
        return outcome.ToArray();
    }
}
