using Microsoft.Extensions.Logging.Abstractions;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Archives;
using Orca.Registry.Pulling;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Store;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Archives;

/// <summary>A loader over a store of its own, and files to load.</summary>
internal sealed class LoadFixture : IDisposable
{
    private readonly TestStore _store = new();

    public LoadFixture()
    {
        Root = _store.OpenRoot();
        Images = new ImageStore(Root, TimeProvider.System);
        Containers = new ContainerStore(Root, Images);
        var puller = new ImagePuller(Source, Images, new PartStore(Root), TimeProvider.System);
        Loader = new ImageLoader(puller, Images, Root, new UrlDownload(static () => RegistryHandler.Create(), TimeProvider.System, NullLogger.Instance), TimeProvider.System);
        Writer = new ArchiveWriter(Root, Images);
    }

    public FakeImageSource Source { get; } = new();

    public StoreRoot Root { get; }

    public ImageStore Images { get; }

    public ContainerStore Containers { get; }

    public ImageLoader Loader { get; }

    public ArchiveWriter Writer { get; }

    /// <summary>A directory for files beside the store.</summary>
    public string Base => _store.Base;

    /// <summary>Names in the store's staging area.</summary>
    public string[] Staged => Directory.Exists(Path.Combine(_store.Root, "staging")) ? _store.Names("staging") : [];

    public string Put(string name, byte[] bytes)
    {
        var path = Path.Combine(Base, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string PutLayout(string name, IEnumerable<(string Name, byte[] Content)> files)
    {
        foreach (var (file, content) in files)
        {
            Put(Path.Combine(name, file), content);
        }

        return Path.Combine(Base, name);
    }

    public LoadedImage[] Load(string location, Func<LoadRequest, LoadRequest>? change = null)
    {
        var request = new LoadRequest { Location = ImageLocation.Parse(location) };
        return [.. Loader.LoadAsync(change?.Invoke(request) ?? request, null, CancellationToken.None).GetAwaiter().GetResult()];
    }

    public string Rootfs(StoredImage image) => Path.Combine(_store.Root, image.Rootfs);

    public StoredImage Add(TestImage image, string name) => _store.Add(image, name);

    public void Dispose()
    {
        Root.Dispose();
        _store.Dispose();
    }
}
