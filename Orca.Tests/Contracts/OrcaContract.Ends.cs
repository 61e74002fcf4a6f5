using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Contracts;

/// <content>What is left of a container, and how it is let go.</content>
public abstract partial class OrcaContract
{
    [Test]
    public async Task KeptContainer_IsListed_Read_Exported_AndRemoved()
    {
        await using (var running = await Orca.StartAsync(Waits("ready") with { Name = "atrest", Ready = Ready.WhenLine("ready") }))
        {
            var file = await running.Files.CreateAsync("/kept.txt");
            await using (file)
            {
                await file.WriteAsync("kept\n"u8.ToArray());
            }

            Assert.That((await Orca.Kept.FindAsync("atrest"))!.ProcessId, Is.Not.Null);
            Assert.That(() => Orca.Kept.RemoveAsync("atrest"), Throws.TypeOf<StoreException>());
            Assert.That(() => Orca.Kept.Files("atrest").OpenReadAsync("/kept.txt"), Throws.InstanceOf<IOException>(), "it runs");
        }

        Assert.That((await Orca.Kept.ListAsync()).Select(static one => (one.Record.Name, one.ProcessId)), Does.Contain(("atrest", (int?)null)));
        var files = Orca.Kept.Files("atrest");
        using (var reader = new StreamReader(await files.OpenReadAsync("/kept.txt")))
        {
            Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("kept\n"));
        }

        Assert.That((await files.ExistsAsync("/kept.txt"), await files.ExistsAsync("/none")), Is.EqualTo((true, false)));
        Assert.That(() => files.OpenReadAsync("/none"), Throws.InstanceOf<IOException>());
        Assert.That(() => files.CreateAsync("/new"), Throws.InstanceOf<IOException>(), "nothing runs that could write");
        var archive = new MemoryStream();
        await Orca.Kept.ExportAsync("atrest", archive);
        archive.Position = 0;
        using var tar = new System.Formats.Tar.TarReader(archive);
        var names = new List<string>();
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            names.Add(entry.Name);
        }

        Assert.That(names, Does.Contain("kept.txt").Or.Contain("./kept.txt"));
        await Orca.Kept.RemoveAsync("atrest");
        Assert.That(await Orca.Kept.FindAsync("atrest"), Is.Null);
        Assert.That(() => Orca.Kept.RemoveAsync("atrest"), Throws.TypeOf<StoreException>());
        Assert.That(() => Orca.Kept.ExportAsync("atrest", archive), Throws.TypeOf<StoreException>());
        Assert.That(() => Orca.Kept.Files("atrest").OpenReadAsync("/kept.txt"), Throws.InstanceOf<IOException>());
    }

    /// <summary>Whoever calls it, and when: the container ends once, and everybody returns.</summary>
    [Test]
    public async Task Dispose_TwiceAndFromManyThreads_EndsTheContainerOnce()
    {
        var container = await Orca.StartAsync(Waits("ready", obeys: false));
        var end = container.WaitForExitAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await container.DisposeAsync()))).WaitAsync(Patience);
        await container.DisposeAsync();
        Assert.That((await end.WaitAsync(Patience)).Canceled, Is.True);
        Assert.That(await container.SignalAsync(Signal.Term), Is.False);
    }
}
