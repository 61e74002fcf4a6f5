using System.Buffers.Binary;
using NUnit.Framework;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Two names are never taken for one, also where an image was prepared for that.</summary>
public sealed class PathHashTests
{
    /// <summary>
    /// A difference of bytes whose polynomial in FNV's prime is zero modulo 2^64, found by lattice reduction. Two names that differ by it
    /// collide in every hash of FNV's kind once the lowest byte of the start is known.
    /// </summary>
    private static readonly int[] s_difference = [-40, 15, -7, 5, 18, -34, -10, -11, 41, -5];

    /// <summary>Expected values: <c>openssl mac -macopt hexkey:KEY -macopt size:16 SIPHASH</c>, and the first two of the reference implementation.</summary>
    [TestCase(0, "a3817f04ba25a8e66df67214c7550293")]
    [TestCase(1, "da87c1d86b99af44347659119b22fc45")]
    [TestCase(9, "264499060ad9baabc47f8b02bb6d71ed")]
    public void Sum_OfCountedBytes_IsThatOfOtherImplementations(int length, string expected)
    {
        var key = new byte[16].Select(static (_, i) => (byte)i).ToArray();
        var message = new byte[length].Select(static (_, i) => (byte)i).ToArray();
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, PathHash.Sum(BinaryPrimitives.ReadUInt128LittleEndian(key), message));
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo(expected));
    }

    [Test]
    public void Child_DependsOnBothHalvesOfTheDirectory_AndOnEachByteOfTheName()
    {
        var seen = new HashSet<UInt128> { PathHash.Root };
        for (var bit = 0; bit < 128; bit++)
        {
            Assert.That(seen.Add(PathHash.Child(UInt128.One << bit, "name"u8)), Is.True);
        }

        for (var length = 0; length < 40; length++)
        {
            for (var changed = 0; changed < length; changed++)
            {
                var name = new byte[length];
                name[changed] = 1;
                Assert.That(seen.Add(PathHash.Child(1, name)), Is.True, $"{length} {changed}");
            }
        }
    }

    /// <summary>From the base and from the top, as every test of <see cref="LayerBench"/>.</summary>
    [Test]
    public void Flatten_PairsPreparedToCollide_KeepsEachFile()
    {
        var (lower, upper) = (new TarBuilder().Dir("d/"), new TarBuilder().Dir("d/"));
        var names = new HashSet<string>();
        var random = new Random(1);
        for (var low = 0; low < 256; low++)
        {
            var (one, other) = Pair(low, random);
            names.UnionWith([Convert.ToHexString(one), Convert.ToHexString(other)]);
            Add(lower, one);
            Add(upper, other);
        }

        using var bench = new LayerBench();
        bench.Flatten(lower.Build(), upper.Build());
        Assert.That(Directory.GetFiles(bench.Root + "/d"), Has.Length.EqualTo(names.Count));
    }

    private static void Add(TarBuilder layer, byte[] name) =>
        layer.Entry('0', "", "x"u8.ToArray(), new HeaderFields { Name = [.. "d/"u8, .. name], Mode = TarBuilder.Octal(0x1A4, 8) });

    private static (byte[] One, byte[] Other) Pair(int low, Random random)
    {
        while (true)
        {
            var (one, other) = (new byte[s_difference.Length], new byte[s_difference.Length]);
            var (left, right) = (low, low);
            var at = 0;
            for (; at < one.Length; at++)
            {
                var difference = s_difference[at] + left - right;
                var choices = Enumerable.Range(0, 256)
                    .Where(x => x - difference is >= 0 and < 256 && (left ^ x) is not (0 or '/') && (right ^ (x - difference)) is not (0 or '/')).ToArray();
                if (choices.Length == 0)
                {
                    break;
                }

                var chosen = choices[random.Next(choices.Length)];
                (one[at], other[at]) = ((byte)(left ^ chosen), (byte)(right ^ (chosen - difference)));
                (left, right) = ((byte)(chosen * 0x1B3), (byte)((chosen - difference) * 0x1B3));
            }

            if (at == one.Length && !one.AsSpan().StartsWith(".wh."u8) && !other.AsSpan().StartsWith(".wh."u8))
            {
                return (one, other);
            }
        }
    }
}
