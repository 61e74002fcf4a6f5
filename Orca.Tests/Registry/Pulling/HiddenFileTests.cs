using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry;
using Orca.Registry.Layers.Reuse;
using Orca.Registry.Store;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pulling;

/// <summary>What a pull writes of files that upper layers of the image hide.</summary>
internal sealed class HiddenFileTests
{
    private static readonly ImageReference s_whole = ImageReference.Parse("example.com/whole:1");
    private static readonly ImageReference s_base = ImageReference.Parse("example.com/base:1");

    /// <summary>Onto a card the tree alone is written. Another image that shows such a file fetches the layer again.</summary>
    [TestCase(false, 1)]
    [TestCase(true, 0)]
    public async Task HiddenFiles_AreWrittenForOtherImages_ButNotOntoCards(bool noResume, int written)
    {
        var image = TestImage.Of(Layer("0"), Layer("1"));
        var source = new FakeImageSource();
        source.Add(s_whole.ToString(), image);
        source.Add(s_base.ToString(), TestImage.Of(image.Archives[0]));
        using var store = new TestStore();
        await using var services = new ServiceCollection().AddSingleton<IImageSource>(source)
            .AddOrcaImages(options => options.Root = store.Root, registries => registries.NoResume = noResume).BuildServiceProvider();
        var puller = services.GetRequiredService<IImagePuller>();
        await puller.PullAsync(s_whole, Platform.Current, null, CancellationToken.None);
        var layers = Path.Combine(store.Root, StorePaths.Image(image.Content.Digest), LayerNames.Directory);
        Assert.That(Directory.GetDirectories(layers, "*.aside").Sum(static aside => Directory.GetFiles(aside).Length), Is.EqualTo(written));
        Assert.That(source.Opened, Is.EqualTo(2));
        var stored = await puller.PullAsync(s_base, Platform.Current, null, CancellationToken.None);
        Assert.That(File.ReadAllText(Path.Combine(store.Root, stored.Rootfs, "same")), Is.EqualTo("0"));
        Assert.That(source.Opened, Is.EqualTo(3 - written));
    }

    private static byte[] Layer(string text) => new TarBuilder().File("same", text).Build();
}
