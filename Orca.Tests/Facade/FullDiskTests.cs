using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry;
using Orca.Sandbox;
using Orca.Tests.EndToEnd;

namespace Orca.Tests.Facade;

/// <summary>A store on a file system that gets full.</summary>
[TestFixture]
[Category("EndToEnd")]
internal sealed class FullDiskTests
{
    [Test]
    public async Task Starts_OnAFullDisk_AreErrors_AndWorkAgainWhenThereIsRoom()
    {
        Needs.Root("it mounts a small file system");
        var place = Directory.CreateTempSubdirectory("orca-full-").FullName;
        World.Tool("mount", "-t", "tmpfs", "-o", "size=32m,nr_inodes=400,mode=755", "orca-tests", place).Succeeds();
        try
        {
            using var real = new RealOrca(); // for its root file system
            await using var services = new ServiceCollection().AddOrca(options => options.StoreRoot = Path.Combine(place, "store")).AddOrcaRegistry().AddOrcaSandbox().BuildServiceProvider();
            var orca = services.GetRequiredService<IOrca>();
            await orca.Images.LoadAsync(new LoadRequest { Location = ImageLocation.OfPath(Path.Combine(real.StoreRoot, "../rootfs")), Name = ImageReference.Parse("busybox") });
            Assert.That((await orca.RunAsync(RealOrca.Script("echo before"))).StandardOutput, Is.EqualTo("before\n"));
            Fill(place);
            var failure = await FirstFailureAsync(orca);
            Assert.That(failure, Is.InstanceOf<OrcaException>().With.Message.Contains("ENOSPC"), failure?.ToString());
            var waiting = Directory.GetFiles(place, "filler-*");
            Assert.That(waiting, Is.Not.Empty);
            foreach (var file in waiting)
            {
                File.Delete(file);
            }

            Assert.That((await orca.RunAsync(RealOrca.Script("echo after"))).StandardOutput, Is.EqualTo("after\n"));
            Assert.That(services.GetRequiredService<IContainerStore>().List(), Is.Empty);
        }
        finally
        {
            World.Tool("umount", place).Succeeds();
            Directory.Delete(place);
        }
    }

    /// <summary>The first starts may use what earlier ones have left ready.</summary>
    private static async Task<Exception?> FirstFailureAsync(IOrca orca)
    {
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await orca.RunAsync(RealOrca.Script("true"));
            }
            catch (OrcaException e)
            {
                return e;
            }
        }

        return null;
    }

    private static void Fill(string place)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                File.WriteAllText(Path.Combine(place, $"filler-{i}"), string.Empty);
            }
        }
        catch (IOException)
        {
            // No inode is left.
        }
    }
}
