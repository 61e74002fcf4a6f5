using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers.Compression;

/// <summary>Group Z: xz, bzip2, lzip and compress (.Z), decoded by libraries, with checks around them.</summary>
public sealed class ForeignFormatTests
{
    private static IEnumerable<string> Files() => PackedFile.Right;

    private static IEnumerable<string> FilesWithChecksums() => PackedFile.Right.Where(static name => name != "none.xz" && !name.EndsWith(".Z", StringComparison.Ordinal));

    [TestCaseSource(nameof(Files))]
    public void Z16_FileOfTheFormatsOwnTool_IsUndone(string name)
    {
        var packed = PackedFile.Read(name);
        Assert.That(LayerChain.Decompress(packed), Is.EqualTo(PackedFile.Archive));
        Assert.That(LayerChain.Decompress(new DribbleStream(packed)), Is.EqualTo(PackedFile.Archive), "Z18: one byte a read");
    }

    [TestCase(".xz")]
    [TestCase(".bz2")]
    [TestCase(".lz")]
    public void Z16_ZerosBehindTheStream_ArePadding_AndAnythingElseIsRefused(string suffix)
    {
        foreach (var name in Files().Where(name => name.EndsWith(suffix, StringComparison.Ordinal)))
        {
            var packed = PackedFile.Read(name);
            Assert.That(LayerChain.Decompress([.. packed, .. new byte[512 * 200]]), Is.EqualTo(PackedFile.Archive), name);
            Assert.That(() => LayerChain.Decompress([.. packed, 1, 2, 3, 4]), Throws.TypeOf<ContentException>().With.Message.Contains("something else behind"), name);
            Assert.That(() => LayerChain.Decompress([.. packed, .. new byte[512], 1, 1, 1, 1]), Throws.TypeOf<ContentException>().With.Message.Contains("something else behind"), name);
            Assert.That(LayerChain.Decompress([.. packed, .. packed]), Is.EqualTo([.. PackedFile.Archive, .. PackedFile.Archive]), name);
        }
    }

    [Test]
    public void Z16_EmptyXz_IsEmpty() => Assert.That(LayerChain.Decompress(PackedFile.Read("empty.xz")), Is.Empty);

    /// <summary>A cut between two members of a file cannot be seen by anybody who has not their number.</summary>
    [TestCaseSource(nameof(FilesWithChecksums))]
    public void Z01_FileCutAnywhere_IsRefused(string name)
    {
        var packed = PackedFile.Read(name);
        var whole = new List<int>();
        for (var length = 11; length < packed.Length; length++)
        {
            if (TryDecompress(packed[..length]) is not { } cut)
            {
                continue;
            }

            Assert.That(PackedFile.Archive.AsSpan().StartsWith(cut), Is.True);
            whole.Add(length);
        }

        Assert.That(whole, Has.Count.LessThan(name.StartsWith("streams", StringComparison.Ordinal) || name.StartsWith("members", StringComparison.Ordinal) ? 5 : 1));
    }

    /// <summary>No bit can be lost without being noticed, but those that mean nothing.</summary>
    [TestCaseSource(nameof(FilesWithChecksums))]
    public void Z04_FileWithOneWrongBit_IsRefusedOrTheSame(string name)
    {
        var packed = PackedFile.Read(name);
        for (var at = 0; at < packed.Length; at++)
        {
            packed[at] ^= (byte)(1 << (at % 8));
            Assert.That(TryDecompress(packed) is not { } bytes || at < 10 || bytes.AsSpan().SequenceEqual(PackedFile.Archive), Is.True, $"byte {at}");
            packed[at] ^= (byte)(1 << (at % 8));
        }
    }

    [TestCase("sha256.xz", -1, "wrong xz checksum", Description = "the check of the block")]
    [TestCase("crc32.xz", -1, "wrong xz checksum")]
    [TestCase("crc64.xz", -1, "wrong xz checksum")]
    [TestCase("one.bz2", 12, "wrong bzip2 checksum")]
    [TestCase("one.lz", -17, "wrong lzip checksum")]
    [TestCase("one.lz", -9, "sizes in the lzip trailer")]
    [TestCase("one.lz", -1, "sizes in the lzip trailer")]
    public void Z04_WrongChecksum_IsCalledSo(string name, int at, string words)
    {
        var packed = PackedFile.Read(name);
        // The check of an xz block is in front of the index, whose size stands in the footer.
        var index = name.EndsWith(".xz", StringComparison.Ordinal) ? packed.Length - 12 - ((BitConverter.ToInt32(packed, packed.Length - 8) + 1) * 4) : at >= 0 ? 0 : packed.Length;
        packed[index + at] ^= 0x40;
        Assert.That(() => LayerChain.Decompress(packed), Throws.TypeOf<ContentException>().With.Message.Contains(words));
    }

    [TestCase(40, "4095 MiB")]
    [TestCase(29, "96 MiB")]
    public void Z13_XzDictionaryOverTheLimit_IsRefused(byte dictionary, string size)
    {
        var packed = PackedFile.Read("crc64.xz");
        packed[16] = dictionary; // behind header, size, flags, filter and length of its properties
        PackedFile.MendXz(packed);
        var refusal = Assert.Throws<ContentException>(() => LayerChain.Decompress(packed))!;
        Assert.That(refusal.Message, Is.EqualTo($"cannot decompress layer x: its xz dictionary of {size} exceeds limit of 64 MiB"));
        Assert.That(refusal.Hint, Does.Contain("xz -9"));
    }

    [Test]
    public void Z13_XzDictionaryOf64MiB_IsTaken()
    {
        var packed = PackedFile.Read("crc64.xz");
        packed[16] = 28;
        PackedFile.MendXz(packed);
        Assert.That(LayerChain.Decompress(packed), Is.EqualTo(PackedFile.Archive));
    }

    [Test]
    public void Z13_LzipDictionaryOverTheLimit_IsRefused()
    {
        var packed = PackedFile.Read("one.lz");
        packed[5] = 29;
        Assert.That(() => LayerChain.Decompress(packed), Throws.TypeOf<ContentException>().With.Message.Contains("its lzip dictionary of 512 MiB exceeds limit of 64 MiB"));
    }

    [TestCase("x86.xz", "xz filter 'x86'")]
    [TestCase("delta.xz", "xz filter 'delta'")]
    public void Z16_XzFilter_IsRefusedByName(string name, string words) =>
        Assert.That(() => LayerChain.Decompress(PackedFile.Read(name)), Throws.TypeOf<ContentException>().With.Message.Contains(words));

    /// <summary>A model of lc + lp = 12 is 18 MB, for each ten bytes of input.</summary>
    [Test]
    public void Z15_XzPropertiesOfLargeModels_AreRefusedUnread()
    {
        var packed = PackedFile.Read("crc64.xz");
        packed[24 + 5] = (4 * 9) + 8; // the last byte of the first chunk's header
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => LayerChain.Decompress(packed), Throws.TypeOf<ContentException>().With.Message.Contains("malformed xz"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10 << 20));
    }

    /// <summary>Each allocates 4.5 MB: a megabyte of them took 14 seconds.</summary>
    [Test]
    public void Z15_ManyBzip2StreamsWithNextToNothing_AreRefusedEarly()
    {
        var one = PackBzip2([7]);
        Assert.That(LayerChain.Decompress([.. Enumerable.Repeat(one, 200).SelectMany(static bytes => bytes)]), Is.EqualTo(Enumerable.Repeat((byte)7, 200)), "a few are nobody's trouble");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<ContentException>(() => LayerChain.Decompress([.. Enumerable.Repeat(one, 30_000).SelectMany(static bytes => bytes)]))!;
        Assert.That(refusal.Message, Does.Contain("bzip2 streams"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2L << 30));
    }

    /// <summary>pbzip2 writes one for each 900 kB; half of a percent of that is still fine.</summary>
    [Test]
    public void Z16_ManyBzip2StreamsWithSomethingInThem_AreTaken()
    {
        var content = new byte[4500];
        new Random(1).NextBytes(content);
        var one = PackBzip2(content);
        Assert.That(LayerChain.Decompress([.. Enumerable.Repeat(one, 400).SelectMany(static bytes => bytes)]), Has.Length.EqualTo(400 * content.Length));
    }

    private static byte[] PackBzip2(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(packed, 9) { IsStreamOwner = false })
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    [Test]
    public void Z15_RatioOfABomb_IsRefused([Values("bzip2", "xz")] string format)
    {
        using var packed = new MemoryStream();
        if (format == "bzip2")
        {
            using var stream = new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(packed, 1) { IsStreamOwner = false };
            stream.Write(new byte[4 << 20]);
        }
        else
        {
            packed.Write(PackedFile.Read("crc64.xz"));
        }

        packed.Position = 0;
        using var bomb = LayerDecompressor.Open(packed, "layer x", ratio: 5, free: 4096);
        Assert.That(() => bomb.CopyTo(Stream.Null), Throws.TypeOf<ContentException>().With.Message.Contains("limit of ratio"));
    }

    [TestCaseSource(nameof(Files))]
    public void SourceThatFails_IsNotCalledADamagedStream(string name)
    {
        var packed = PackedFile.Read(name);
        foreach (var length in new[] { 3, packed.Length / 2 })
        {
            Assert.That(() => LayerChain.Decompress(new FailingSource(packed[..length])), Throws.TypeOf<RegistryException>(), $"after {length} bytes");
        }
    }

    [Test]
    public void Layer_OfEachFormat_ComesToTheSameTree()
    {
        foreach (var name in Files())
        {
            using var stream = LayerChain.Open(PackedFile.Read(name), PackedFile.Archive, "application/vnd.oci.image.layer.v1.tar+xz");
            using var read = new MemoryStream();
            stream.CopyTo(read);
            Assert.That(read.ToArray(), Is.EqualTo(PackedFile.Archive), name);
        }
    }

    [TestCase("+xz")]
    [TestCase("+bzip2")]
    public void Z03_EmptyBlobOfACompressedType_IsRefused(string suffix) =>
        Assert.That(() => LayerChain.Open([], [], "application/vnd.oci.image.layer.v1.tar" + suffix), Throws.TypeOf<ContentException>());

    private static byte[]? TryDecompress(byte[] packed)
    {
        try
        {
            return LayerChain.Decompress(packed);
        }
        catch (ContentException)
        {
            return null;
        }
    }

    /// <summary>A connection that breaks after some bytes.</summary>
    private sealed class FailingSource(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, count) is > 0 and var read ? read : throw new RegistryException("cannot pull 'x': the connection broke");
    }
}
