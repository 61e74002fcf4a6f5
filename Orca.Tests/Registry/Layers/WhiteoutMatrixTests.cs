using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Row L22: a file or a directory, at three depths, made, removed, made again or left alone in each of four layers.</summary>
public sealed class WhiteoutMatrixTests
{
    private static readonly string[] s_acts = ["nothing", "make", "remove", "empty"];

    [Test]
    public void L22_EveryOrderOfMakingAndRemoving_AgreesWithTheModel([Values('f', 'd')] char kind, [Values(1, 2, 3)] int depth)
    {
        using var canary = new CanaryTree(inMemory: true);
        var parent = string.Concat(Enumerable.Range(1, depth - 1).Select(level => $"p{level}/"));
        for (var number = 0; number < 256; number++)
        {
            string[] acts = [.. Enumerable.Range(0, 4).Select(layer => s_acts[(number >> (2 * layer)) & 3])];
            ModelEntry[][] layers = [.. acts.Select((act, layer) => Entries(act, kind, parent, layer))];
            Assert.That(LayerModelTests.Agree(layers, Path.Combine(canary.Root, $"{number}")), string.Join(", ", acts));
        }

        canary.AssertUntouched();
    }

    /// <summary>Each layer has a neighbour too, which must stay; "empty" makes what is below a directory, or the parent, opaque.</summary>
    private static ModelEntry[] Entries(string act, char kind, string parent, int layer) =>
    [
        new('f', $"{parent}stays{layer}", "", layer),
        .. act switch
        {
            "make" when kind == 'f' => [new ModelEntry('f', parent + "x", "", layer)],
            "make" => [new ModelEntry('d', parent + "x", "", layer), new ModelEntry('f', $"{parent}x/of{layer}", "", layer)],
            "remove" => [new ModelEntry('f', parent + ".wh.x", "", 0)],
            "empty" => [new ModelEntry('f', (kind == 'f' ? parent : parent + "x/") + ".wh..wh..opq", "", 0)],
            _ => Array.Empty<ModelEntry>(),
        },
    ];
}
