using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Orca.Tests.Registry.Layers;

/// <summary>Frames that look back as far as they may, and one after another with windows of several sizes.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class ZstdWindowTests
{
    [TestCase(24)]
    [TestCase(27, Category = "Sweep")]
    public void LongWindow_IsDecoded(int windowLog)
    {
        var content = Repeated((1 << windowLog) - (1 << 20));
        var packed = Pack(content, windowLog);
        Assert.That(packed, Has.Length.LessThan(content.Length * 2 / 3), "its second half is found in the first");
        Assert.That(Decode(packed).AsSpan().SequenceEqual(content), Is.True);
    }

    [Test]
    public void WindowAbove128MiB_IsRefused() => Assert.That(
        () => Decode([0x28, 0xb5, 0x2f, 0xfd, 0, 0x89, 1, 0, 0]),
        Throws.TypeOf<ContentException>().With.Message.Contain("needs a window of more than 134217728 bytes"));

    [Test]
    public void FramesOfSeveralWindows_ComeOutInOrder() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            var contents = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Repeated(random.Next(300_000))).ToList();
            var packed = contents.SelectMany(content => Pack(content, 10 + random.Next(15))).ToArray();
            Assert.That(Decode(packed).AsSpan().SequenceEqual(contents.SelectMany(static content => content).ToArray()), Is.True, $"seed {seed}");
        },
        iter: Sampling.Rounds(100), threads: 2);

    /// <summary>Random bytes, twice.</summary>
    private static byte[] Repeated(int distance)
    {
        var half = new byte[distance];
        new Random(distance).NextBytes(half);
        return [.. half, .. half];
    }

    private static byte[] Pack(byte[] content, int windowLog)
    {
        using var packed = new MemoryStream();
        using (var stream = new CompressionStream(packed, 1, leaveOpen: true))
        {
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, windowLog);
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_enableLongDistanceMatching, 1);
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Decode(byte[] packed)
    {
        using var stream = LayerDecompressor.Open(new MemoryStream(packed), "layer x");
        using var result = new MemoryStream();
        stream.CopyTo(result);
        return result.ToArray();
    }
}
