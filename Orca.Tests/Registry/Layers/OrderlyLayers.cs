using CsCheck;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Random layers as people build them: a directory's name is never used for anything else.</summary>
internal static class OrderlyLayers
{
    private static readonly string[] s_directories = ["", "a/", "b/", "a/c/", "a/c/d/"];

    /// <summary>The archives of an image, base first.</summary>
    internal static readonly Gen<byte[][]> Some = Gen.Select(Gen.Bool, Entry(large: 20).Array[0, 12], Build).Array[1, 5];

    /// <summary>The same with large files in one image of twenty: an image without costs a twentieth.</summary>
    internal static readonly Gen<byte[][]> Small = Gen.Select(Gen.Bool, Entry(large: 1).Array[0, 12], Build).Array[1, 5];

    /// <summary>One entry of an orderly layer: the directories' names are never used for anything else, as in images that people build.</summary>
    private static Gen<(char Kind, string Path, int Number)> Entry(int large) => Gen.Select(
        Gen.Frequency((120, Gen.Const('f')), (20, Gen.Const('l')), (40, Gen.Const('h')), (20, Gen.Const('p')), (large, Gen.Const('v')), (40, Gen.Const('w')), (40, Gen.Const('W')), (20, Gen.Const('o'))),
        Gen.Int[0, s_directories.Length - 1],
        Gen.Int[0, 5],
        (kind, directory, number) => (kind, s_directories[directory], number));

    private static byte[] Build(bool isListed, (char Kind, string Path, int Number)[] entries)
    {
        var archive = new TarBuilder();
        if (isListed)
        {
            foreach (var directory in s_directories[1..])
            {
                archive.Dir(directory, entries.Length % 2 == 0 ? 0x1EDu : 0x1C9u);
            }
        }

        foreach (var (kind, path, number) in entries.DistinctBy(entry => (entry.Path, entry.Number)))
        {
            _ = kind switch
            {
                'f' => archive.File($"{path}n{number}", $"{entries.Length} {number}"),
                'l' => archive.Link($"{path}n{number}", "nowhere"),
                'h' => archive.File($"{path}n{number}", "one").Hard($"{path}n{number}-too", $"{path}n{number}"),
                'p' => archive.Fifo($"{path}n{number}"),
                'v' => archive.File($"{path}big{number}", new string('x', 262_000 + (number * 60_000))),
                'w' or 'W' => archive.File($"{path}.wh.n{number}", ""),
                _ => archive.File($"{path}.wh..wh..opq", ""),
            };
        }

        return archive.Build();
    }
}
