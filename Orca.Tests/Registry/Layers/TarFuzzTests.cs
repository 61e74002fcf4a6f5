using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Mutated archives: only <see cref="OrcaException"/> escapes the reader, and it always comes to an end.</summary>
/// <remarks>ORCA_FUZZ_RUNS makes more of them; the seed of a failure is in its message.</remarks>
public sealed class TarFuzzTests
{
    private static readonly int Runs = int.Parse(Environment.GetEnvironmentVariable("ORCA_FUZZ_RUNS") ?? "20000", CultureInfo.InvariantCulture);

    private static readonly byte[][] Seeds =
    [
        new TarBuilder().Dir("d").File("d/f", "text").Link("l", "d/f").Hard("h", "d/f").Fifo("p").Device('3', "null", 1, 3).Build(),
        new TarBuilder().Pax(("path", "a/b/c"), ("mtime", "1.5"), ("size", "4"), ("uid", "7")).File("x", "text").Xattr("user.a", [1, 2]).File("y").Build(),
        new TarBuilder().Gnu('L', new string('n', 300)).Gnu('K', new string('t', 300)).Link("x", "y").PaxRaw(TarBuilder.Record("comment", [1]), 'g').File("z").Build(),
        new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "4096")).Entry('0', "x", [.. "2\n0\n3\n100\n2\n"u8, .. new byte[501 + 5]], new()).Build(),
        new TarBuilder().Pax(("GNU.sparse.size", "4096"), ("GNU.sparse.map", "0,3,100,2")).Entry('0', "x", new byte[5], new()).Build(),
        new TarBuilder().Entry('S', "s", [], new() { Magic = HeaderFields.GnuMagic, Size = TarBuilder.Octal(3, 12), Patch = PatchSparse }).Raw(new byte[512]).Data([1, 2, 3]).Build(),
    ];

    [Test]
    public void Reader_MutatedArchives_OnlyRefusesInTime()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var archive = Mutate(seed);
            var watch = Stopwatch.StartNew();
            try
            {
                ReadAll(archive);
            }
            catch (OrcaException)
            {
                // refused, as most are
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }

            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2)), $"seed {seed}");
        }
    }

    [Test]
    public void Flattener_MutatedArchives_StayInside()
    {
        for (var seed = 0; seed < Runs / 100; seed++)
        {
            using var bench = new LayerBench { Limits = new LayerLimits { MaxBytes = 1 << 24 } };
            try
            {
                bench.Flatten(Mutate(seed));
            }
            catch (OrcaException)
            {
                // refused: the tripwires were checked all the same
            }
        }
    }

    private static void ReadAll(byte[] archive)
    {
        using var tar = new TarReader(new MemoryStream(archive), new LayerBudget(LayerLimits.Default), 1);
        var path = new LayerPath();
        while (tar.Next())
        {
            path.Set(tar.Entry.Name);
            while (!tar.ReadData().IsEmpty)
            {
            }
        }

        tar.Drain();
    }

    private static byte[] Mutate(int seed)
    {
        var random = new Random(seed);
        var archive = Seeds[random.Next(Seeds.Length)].ToArray();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(Math.Max(1, archive.Length - 1024));
            switch (random.Next(5))
            {
                case 0:
                    archive[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    archive[at] = (byte)"0179-+.,=\n \0\xff"[random.Next(13)];
                    break;
                case 2:
                    random.NextBytes(archive.AsSpan(at, Math.Min(12, archive.Length - at)));
                    break;
                case 3:
                    archive.AsSpan(random.Next(archive.Length / 512) * 512, 512).CopyTo(archive.AsSpan(random.Next(archive.Length / 512) * 512));
                    break;
                default:
                    archive = archive[..^random.Next(Math.Clamp(archive.Length - 1024, 1, 600))];
                    break;
            }
        }

        if (random.Next(8) > 0)
        {
            FixChecksums(archive);
        }

        return archive;
    }

    /// <summary>Makes every block's checksum right, or most mutations would end there.</summary>
    private static void FixChecksums(byte[] archive)
    {
        for (var start = 0; start + 512 <= archive.Length; start += 512)
        {
            var block = archive.AsSpan(start, 512);
            if (block.Slice(257, 5).SequenceEqual("ustar"u8))
            {
                block.Slice(148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var b in block)
                {
                    sum += b;
                }

                TarBuilder.Octal(sum, 7).CopyTo(block[148..]);
            }
        }
    }

    private static void PatchSparse(byte[] block)
    {
        TarBuilder.Octal(100, 12).CopyTo(block, 386);
        TarBuilder.Octal(3, 12).CopyTo(block, 398);
        block[482] = 1;
        TarBuilder.Octal(4096, 12).CopyTo(block, 483);
    }
}
