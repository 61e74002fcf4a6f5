using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Random stacks of layers over few names: the flattener and the model must agree, after every layer and on what is refused.</summary>
/// <remarks>CsCheck prints the seed of a failure and shrinks it; CsCheck_Seed repeats it.</remarks>
public sealed class LayerModelTests
{
    private static readonly long Runs = Sampling.Rounds(12_000);

    /// <summary>What the layers say of their paths goes into files from the first on: the model keeps all in memory.</summary>
    private static readonly Orca.Registry.Layers.LayerLimits WithoutMemory = new() { TableMemory = 0 };

    private static readonly Gen<string> Name = Gen.Frequency((9, OneOf("a", "b", "c")), (1, OneOf("..", ".", ".wh.a")));

    private static readonly Gen<string> Path = Name.Array[1, 3].Select(names => string.Join('/', names));

    private static readonly Gen<string> Target = Gen.Select(OneOf("", "/", "../", "../../", "./"), Path, (start, path) => start + path);

    private static readonly Gen<string> Hidden = Gen.Select(Path, OneOf(".wh.a", ".wh.b", ".wh.c", ".wh..wh..opq"), Gen.Bool, (path, name, top) => top ? name : $"{path}/{name}");

    private static readonly Gen<ModelEntry> Entry = Gen.Frequency(
        (4, Gen.Select(Path, Gen.Int[0, 9], (path, number) => new ModelEntry('f', path, "", number))),
        (4, Gen.Select(Path, Gen.Int[0, 9], (path, number) => new ModelEntry('d', path, "", number))),
        (3, Gen.Select(Path, Target, (path, target) => new ModelEntry('l', path, target, 0))),
        (2, Gen.Select(Path, Target, (path, target) => new ModelEntry('h', path, target, 0))),
        (1, Path.Select(path => new ModelEntry('p', path, "", 0))),
        (4, Hidden.Select(path => new ModelEntry('f', path, "", 0))));

    [Test]
    [Category("Sweep")]
    public void Flattener_RandomLayers_AgreesWithTheModel()
    {
        using var canary = new CanaryTree(inMemory: true);
        var number = 0;
        Entry.Array[0, 7].Array[1, 4].Sample(
            layers => Agree(layers, System.IO.Path.Combine(canary.Root, $"{Interlocked.Increment(ref number)}")),
            iter: Runs, threads: 2, print: layers => string.Join("\n--\n", layers.Select(layer => string.Join('\n', layer.AsEnumerable()))));
        canary.AssertUntouched();
    }

    /// <summary>The archives of an image, base first: whatever these names can be made into, errors too.</summary>
    internal static readonly Gen<byte[][]> Archives = Entry.Array[0, 7].Select(static layer => layer.Aggregate(new TarBuilder(), Add).Build()).Array[1, 4];

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    internal static bool Agree(ModelEntry[][] layers, string root)
    {
        Directory.CreateDirectory(root);
        using var rootfs = Orca.Core.Linux.FileSystem.OpenDirectory(null, Orca.Core.Linux.PathZ.From(root));
        using var flattener = new Orca.Registry.Layers.Flattener(rootfs, WithoutMemory);
        var model = new LayerModel();
        var agree = true;
        foreach (var layer in layers)
        {
            var (expected, actual) = (model.Apply(layer), TryApply(flattener, layer));
            agree = expected == actual && (!expected || model.List().SequenceEqual(TreeListing.Read(root)));
            if (!agree || !expected)
            {
                break;
            }
        }

        agree &= flattener.Complete().Entries == TreeListing.Read(root).Count - 1;
        Directory.Delete(root, recursive: true);
        return agree && FromTheTopAgrees(layers, root);
    }

    private static bool FromTheTopAgrees(ModelEntry[][] layers, string root)
    {
        var model = new LayerModel();
        var expected = layers.All(model.Apply);
        using var flattener = new Orca.Registry.Layers.ImageFlattener(() => LayerBench.MakeRoot(root), WithoutMemory);
        try
        {
            flattener.Apply([.. layers.Select(layer => new MemoryLayer(layer.Aggregate(new TarBuilder(), Add).Build()))], CancellationToken.None);
            var entries = flattener.Complete().Entries;
            return expected && entries == TreeListing.Read(root).Count - 1 && model.List().SequenceEqual(TreeListing.Read(root));
        }
        catch (LayerException)
        {
            return !expected;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static bool TryApply(Orca.Registry.Layers.Flattener flattener, ModelEntry[] layer)
    {
        try
        {
            using var stream = new MemoryStream(layer.Aggregate(new TarBuilder(), Add).Build());
            flattener.Apply(stream, CancellationToken.None);
            return true;
        }
        catch (LayerException)
        {
            return false;
        }
    }

    private static TarBuilder Add(TarBuilder archive, ModelEntry entry) => entry.Kind switch
    {
        'f' => archive.File(entry.Name, $"{entry.Number}"),
        'd' => archive.Dir(entry.Name, entry.Number % 2 == 0 ? 0x1EDu : 0x1C9u),
        'l' => archive.Link(entry.Name, entry.Target),
        'h' => archive.Hard(entry.Name, entry.Target),
        _ => archive.Fifo(entry.Name),
    };
}
