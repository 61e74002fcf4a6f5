using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Images;
using Orca.Registry;
using Orca.Sandbox;
using Orca.Testing;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Facade;

/// <summary>Real containers from images that a test makes in memory.</summary>
[TestFixture]
internal sealed class MemoryRegistryTests
{
    [Test]
    public async Task Image_MadeInMemory_IsPulledVerifiedAndRun()
    {
        using var store = new TestStore();
        var registry = new MemoryRegistry();
        var image = new MemoryImage()
            .Directory("/bin").File("/bin/busybox", await File.ReadAllBytesAsync("/bin/busybox"), (UnixFileMode)0b111_101_101).Link("/bin/sh", "busybox")
            .Directory("/srv").File("/srv/hello.txt", "hello\n").Env("WHO=test").Command("sh", "-c", "busybox cat hello.txt; echo $WHO").RunsAs(user: null, "/srv");
        var digest = registry.Add("registry.test/app:1", image);
        await using var services = new ServiceCollection().AddSingleton<IImageSource>(registry).AddOrcaRegistry(options => options.Root = store.Root).AddOrcaSandbox().BuildServiceProvider();
        var orca = services.GetRequiredService<IOrca>();
        for (var i = 0; i < 2; i++)
        {
            Assert.That((await orca.RunAsync("registry.test/app:1", [])).StandardOutput, Is.EqualTo("hello\ntest\n"));
        }

        Assert.That(registry.Fetched, Is.EqualTo(1));
        Assert.That((await orca.Images.ListAsync()).Single().Digest, Is.EqualTo(digest));
        Assert.That(registry.Add("registry.test/same:1", image), Is.EqualTo(digest));
    }
}
