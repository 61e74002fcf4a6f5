using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>P30: somebody swaps a parent directory and a link to the victim while a layer is applied.</summary>
public sealed class PathRaceTests
{
    [Test]
    [Category("Sweep")]
    public void Race_P30_ParentSwappedWithALink_NeverLeadsOut()
    {
        var rounds = Sampling.Rounds(10_000);
        using var canary = new CanaryTree();
        using var root = FileSystem.OpenDirectory(null, PathZ.From(canary.Root));
        Directory.CreateDirectory(Path.Combine(canary.Root, "d"));
        Assert.That(FileSystem.TrySymbolicLink(PathZ.From("../victim"), root, PathZ.From("link")), Is.EqualTo(Errno.None));
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() => Swap(root, stop.Token));
        swapper.Start();
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                Apply(root, round);
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }

        canary.AssertUntouched();
    }

    private static void Apply(Fd root, int round)
    {
        var layer = new TarBuilder().File("d/hello", "evil").Link($"x{round}", "y").File("d/sub/deep", "evil").File("d/.wh.hello2").Hard($"d/h{round}", "d/hello").Dir("d/sub", 0x1FF).Build();
        try
        {
            using var flattener = new Flattener(root, LayerLimits.Default);
            flattener.Apply(new MemoryStream(layer), CancellationToken.None);
        }
        catch (OrcaException)
        {
            // a parent that changes under the applier may be refused, as long as nothing gets out
        }
    }

    private static void Swap(Fd root, CancellationToken stop)
    {
        PathZ d = PathZ.From("d"), link = PathZ.From("link"), spare = PathZ.From("spare");
        while (!stop.IsCancellationRequested)
        {
            FileSystem.TryRename(root, d, root, spare);
            FileSystem.TryRename(root, link, root, d);
            FileSystem.TryRename(root, d, root, link);
            FileSystem.TryRename(root, spare, root, d);
        }
    }
}
