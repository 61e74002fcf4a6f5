using Orca.Tests.Fixtures;

namespace Orca.Tests.Fuzz;

/// <summary>Archives of every kind that layers come in, to start from.</summary>
internal static class TarCorpus
{
    internal static IReadOnlyList<byte[]> Archives { get; } =
    [
        new TarBuilder().Dir("d").File("d/f", "text").Link("l", "d/f").Hard("h", "d/f").Fifo("p").Device('3', "null", 1, 3).Build(),
        new TarBuilder().Dir("d").Link("up", "../victim").File("up/x", "1").File("d/.wh.f").File("../../y", "2").Hard("z", "../../victim/hello").Build(),
        new TarBuilder().Pax(("path", "a/b/c"), ("mtime", "1.5"), ("size", "4"), ("uid", "7")).File("x", "text").Xattr("user.a", [1, 2]).File("y").Build(),
        new TarBuilder().Gnu('L', new string('n', 300)).Gnu('K', new string('t', 300)).Link("x", "y").PaxRaw(TarBuilder.Record("comment", [1]), 'g').File("z").Build(),
        new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "4096")).Entry('0', "x", [.. "2\n0\n3\n100\n2\n"u8, .. new byte[501 + 5]], new()).Build(),
        new TarBuilder().Pax(("GNU.sparse.size", "4096"), ("GNU.sparse.map", "0,3,100,2")).Entry('0', "x", new byte[5], new()).Build(),
        new TarBuilder().Entry('S', "s", [], new() { Magic = HeaderFields.GnuMagic, Size = TarBuilder.Octal(3, 12), Patch = PatchSparse }).Raw(new byte[512]).Data([1, 2, 3]).Build(),
    ];

    internal static string[] Words { get; } =
    [
        "ustar\0" + "00", "ustar  \0", "\0\0\0\0\0\0\0\0", "00000000000\0", "77777777777\0", "\u0080\0\0\0\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "../", "/", ".wh.", ".wh..wh..opq",
        "12 path=../x\n", "14 linkpath=/x\n", "10 size=9\n", "9 size=-1\n", "21 SCHILY.xattr.a=b\n", "18 mtime=1e999999\n", "GNU.sparse.map", "0,1,2,3", "9999999999999999999", "-1", "\n", "=",
    ];

    /// <summary>Makes every block's checksum right, or most mutations would end there.</summary>
    internal static void FixChecksums(byte[] archive)
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
