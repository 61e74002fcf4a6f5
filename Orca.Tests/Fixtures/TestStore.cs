using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Store;
using Orca.Tests.Registry.Layers;

namespace Orca.Tests.Fixtures;

/// <summary>A store in a directory that goes with the test. Each <see cref="Open"/> is a process of its own as far as locks can tell.</summary>
internal sealed class TestStore : IDisposable
{
    private readonly System.Collections.Concurrent.ConcurrentBag<StoreRoot> _opened = [];

    private readonly System.Collections.Concurrent.ConcurrentBag<ImageStore> _images = [];

    public TestStore() => Directory.CreateDirectory(Base);

    /// <summary>The directory around the store.</summary>
    public string Base { get; } = Path.Combine(Path.GetTempPath(), "orca-store-" + Guid.NewGuid().ToString("N")[..12]);

    public string Root => Path.Combine(Base, "store");

    public StoreRoot OpenRoot()
    {
        var root = new StoreRoot(StoreLocation.Resolve(Root));
        _opened.Add(root);
        return root;
    }

    /// <summary>The stores that stand behind this one.</summary>
    public List<string> Behind { get; } = [];

    /// <summary>What users are told while something takes long.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Notices { get; } = [];

    public (ImageStore Images, PartStore Parts, ContainerStore Containers) Open()
    {
        var root = OpenRoot();
        var images = OpenImages(root);
        return (images, new PartStore(root, new LockNotice(Notices.Enqueue, TimeProvider.System)), new ContainerStore(root, images));
    }

    public StoreUpkeep Upkeep()
    {
        var root = OpenRoot();
        return new StoreUpkeep(root, OpenImages(root));
    }

    public StoreMeter Meter()
    {
        var root = OpenRoot();
        return new StoreMeter(root, OpenImages(root));
    }

    /// <summary>Puts an image into the store under a name.</summary>
    public StoredImage Add(TestImage image, string name)
    {
        using var builder = Open().Images.Begin(image.Content);
        if (builder.Existing is null)
        {
            builder.Apply([.. image.Archives.Select(static archive => new MemoryLayer(archive))], CancellationToken.None);
        }

        return builder.Publish(ImageReference.Parse(name));
    }

    private ImageStore OpenImages(StoreRoot root)
    {
        var images = new ImageStore(root, TimeProvider.System, StoreLocation.ResolveBehind(Behind), Notices.Enqueue);
        _images.Add(images);
        return images;
    }

    /// <summary>The names in one of the store's directories, locks left out.</summary>
    public string[] Names(string directory) =>
        [.. Directory.GetFileSystemEntries(Path.Combine(Root, directory)).Select(path => Path.GetFileName(path)!).Where(name => !name.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        foreach (var images in _images)
        {
            images.Dispose();
        }

        foreach (var root in _opened)
        {
            root.Dispose();
        }

        using var parent = FileSystem.OpenDirectory(null, PathZ.From(Path.GetDirectoryName(Base)!));
        TreeDeletion.Delete(parent, PathZ.From(Path.GetFileName(Base)));
    }
}
