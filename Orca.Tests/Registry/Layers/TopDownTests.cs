using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.TopDown;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>The pass from the top must come to what the one from the base comes to, or say that it cannot.</summary>
/// <remarks>CsCheck prints the seed of a failure and shrinks it; CsCheck_Seed repeats it.</remarks>
public sealed class TopDownTests
{
    private static readonly long s_runs = Sampling.Rounds(8_000);

    [Test]
    [Category("Sweep")]
    public void TopDown_OrderlyLayers_ComesToTheSameTree_NearlyAlwaysInOnePass()
    {
        using var canary = new CanaryTree(inMemory: true);
        int number = 0, inOnePass = 0, possible = 0;
        OrderlyLayers.Small.Sample(
            built =>
            {
                var root = Path.Combine(canary.Root, $"{Interlocked.Increment(ref number)}");
                var (tree, _) = FromTheBase(built, root + "-base");
                var sources = built.Select(layer => new MemoryLayer(layer)).ToArray();
                var (same, _) = FromTheTop(sources, root + "-top");
                if (tree is not null)
                {
                    Interlocked.Increment(ref possible);
                    Interlocked.Add(ref inOnePass, sources.All(source => source.Opened == 1) ? 1 : 0);
                }

                return tree is null ? same is null : same is not null && tree.SequenceEqual(same);
            },
            iter: s_runs, threads: 2);
        canary.AssertUntouched();
        TestContext.Out.WriteLine($"{inOnePass} of {possible} stacks in one pass");
        Assert.That(inOnePass, Is.GreaterThan(possible / 2));
    }

    [Test]
    public void TopDown_WhatUpperLayersHide_IsNeverWritten()
    {
        using var canary = new CanaryTree();
        using var root = LayerBench.MakeRoot(canary.Root);
        using var flattener = new TopDownFlattener(root, LayerLimits.Default);
        flattener.Apply(Layer(new TarBuilder().File("etc/.wh.gone", "").File("doc/.wh..wh..opq", "").File("etc/kept", "new").File("x/y", "1")), 2, null, CancellationToken.None);
        flattener.Apply(
            Layer(new TarBuilder().Dir("etc/").File("etc/gone", "old").File("etc/kept", "old").Dir("doc/").File("doc/a", "old").File("x", "a file").File("stays", "s")), 1, null, CancellationToken.None);
        flattener.Finish();
        var summary = flattener.Complete();
        Assert.That(TreeListing.Paths(canary.Root), Is.EqualTo("doc etc etc/kept stays x x/y"));
        Assert.That(summary.Bytes, Is.EqualTo("new".Length + "1".Length + "s".Length), "every byte that was written is still there");
    }

    [TestCase(1)]
    [TestCase(262_110)]
    [TestCase(262_111)]
    [TestCase(262_145)]
    [TestCase(9_000_001)]
    public void TopDown_File_HoldsItsBytes_AndItsSumIsKnown(int length)
    {
        var text = string.Create(length, length, static (span, seed) =>
        {
            var random = new Random(seed);
            foreach (ref var letter in span)
            {
                letter = (char)random.Next('a', 'z');
            }
        });
        using var canary = new CanaryTree();
        using var root = LayerBench.MakeRoot(canary.Root);
        using var flattener = new TopDownFlattener(root, LayerLimits.Default);
        flattener.Apply(Layer(new TarBuilder().File("etc/before", "b").File("etc/large", text).File("etc/after", "a")), 1, null, CancellationToken.None);
        flattener.Finish();
        Assert.That(File.ReadAllText(canary.Root + "/etc/large"), Is.EqualTo(text));
        Assert.That(flattener.Sums.Get(PathHash.Of("etc/large"u8)), Is.EqualTo(ContentSum.Of(LayerBench.Utf8(text))));
        Assert.That(flattener.Sums.Contains(PathHash.Of("etc/other"u8)), Is.False);
    }

    [Test]
    public void TopDown_ThroughALowerLink_IsDoneAgainFromTheBase()
    {
        using var canary = new CanaryTree();
        var lower = new MemoryLayer(new TarBuilder().Dir("usr/").Dir("usr/lib/").Link("lib", "usr/lib").Build());
        var upper = new MemoryLayer(new TarBuilder().File("lib/x", "1").Build());
        var (tree, _) = FromTheTop([lower, upper], canary.Root);
        Assert.That(TreeListing.Paths(canary.Root), Is.EqualTo("lib usr usr/lib usr/lib/x"));
        Assert.That((tree, lower.Opened, upper.Opened), Is.EqualTo((tree, 2, 2)));
    }

    [Test]
    public void TopDown_ThroughALinkThatAnUpperLayerReplacesByADirectory_IsDoneAgainFromTheBase()
    {
        using var bench = new LayerBench();
        bench.Flatten(
            new TarBuilder().Dir("usr/").Dir("usr/lib/").Link("lib", "usr/lib").Build(), new TarBuilder().File("lib/x", "1").Build(), new TarBuilder().Dir("lib/").Build());
        Assert.That(bench.Paths(), Is.EqualTo("lib usr usr/lib usr/lib/x"));
    }

    [Test]
    public void TopDown_DirectoryThatALayerClearsAndKeeps_HasTheTimeOfTheBase_WhatUpperLayersHideOfIt()
    {
        using var canary = new CanaryTree();
        byte[][] layers =
        [
            new TarBuilder().Dir("b/").Build(), new TarBuilder().File("b/b").File(".wh.b").Build(), new TarBuilder().Dir("b/c/").File(".wh..wh..opq").Build(),
        ];
        var (fromTheTop, _) = FromTheTop([.. layers.Select(static layer => new MemoryLayer(layer))], canary.Root + "-top");
        Assert.That(fromTheTop, Is.EqualTo(FromTheBase(layers, canary.Root + "-base").Tree));
    }

    [Test]
    public void TopDown_MemoryOfTheBase_DoesNotGrowWithItsEntries()
    {
        using var view = new PathView(Orca.Registry.Layers.Spill.SpillSpace.Unlimited);
        view.StartLayer(isBase: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 200_000; i++)
        {
            Assert.That(view.Add(EntryKind.File, view.Enter("some/where"u8, makes: true), LayerBench.Utf8($"file{i}")), Is.True);
        }

        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(200_000));
        GC.KeepAlive(view);
    }

    private static MemoryStream Layer(TarBuilder archive) => new(archive.Build());

    private static (List<string>? Tree, string Fault) FromTheBase(byte[][] layers, string root)
    {
        using var directory = LayerBench.MakeRoot(root);
        using var flattener = new Flattener(directory, LayerLimits.Default);
        return Read(root, () =>
        {
            foreach (var layer in layers)
            {
                flattener.Apply(new MemoryStream(layer), CancellationToken.None);
            }

            return flattener.Complete();
        });
    }

    private static (List<string>? Tree, string Fault) FromTheTop(MemoryLayer[] layers, string root)
    {
        using var flattener = new ImageFlattener(() => LayerBench.MakeRoot(root), LayerLimits.Default);
        return Read(root, () =>
        {
            flattener.Apply(layers, CancellationToken.None);
            return flattener.Complete();
        });
    }

    private static (List<string>? Tree, string Fault) Read(string root, Func<FlattenSummary> flatten)
    {
        try
        {
            var summary = flatten();
            List<string> tree = [$"{summary.Entries} {summary.Bytes}", .. TreeListing.ReadExactly(root)];
            return (tree, "");
        }
        catch (LayerException e)
        {
            return (null, e.Message);
        }
        finally
        {
            using var parent = FileSystem.OpenDirectory(null, PathZ.From(Path.GetDirectoryName(root)!));
            if (root.EndsWith("-base", StringComparison.Ordinal) || root.EndsWith("-top", StringComparison.Ordinal))
            {
                TreeDeletion.Delete(parent, PathZ.From(Path.GetFileName(root)));
            }
        }
    }
}
