using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Tests.Contracts;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Fakes;

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MemoryImageStoreTests : ImageStoreContract
{
    protected override IImageStore Store { get; } = new MemoryImageStore();
}

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MemoryPartStoreTests : PartStoreContract
{
    protected override IPartStore Store { get; } = new MemoryPartStore();
}

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MemoryContainerStoreTests : ContainerStoreContract
{
    private readonly MemoryImageStore _images = new();
    private StoredImage? _image;
    private MemoryContainerStore? _store;

    protected override IContainerStore Store => _store ??= new MemoryContainerStore(_images) { Files = { ["/etc/motd"] = "hello"u8.ToArray() } };

    protected override StoredImage Image
    {
        get
        {
            if (_image is null)
            {
                using var builder = _images.Begin(TestImage.Small().Content);
                _image = builder.Publish(ImageReference.Parse("example.com/one:1"));
            }

            return _image;
        }
    }
}

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MemoryStoreUpkeepTests : StoreUpkeepContract
{
    private readonly MemoryImageStore _images = new();
    private readonly MemoryPartStore _parts = new();
    private readonly MemoryContainerStore _containers;
    private readonly MemoryStoreUpkeep _upkeep;

    public MemoryStoreUpkeepTests()
    {
        _containers = new MemoryContainerStore(_images);
        _upkeep = new MemoryStoreUpkeep(_images, _containers, _parts);
    }

    protected override IImageStore Images => _images;

    protected override IContainerStore Containers => _containers;

    protected override IPartStore Parts => _parts;

    protected override IStoreUpkeep Upkeep => _upkeep;

    protected override IStoreMeter Meter => _upkeep;
}

[TestFixture]
internal sealed class MemoryRegistryTests : ImageSourceContract
{
    protected override (IImageSource Source, ImageReference Reference) Offer(TestImage image)
    {
        var registry = new Testing.MemoryRegistry();
        registry.Add("example.com/one:1", image.Content, image.Blobs);
        return (registry, ImageReference.Parse("example.com/one:1"));
    }
}

[TestFixture]
internal sealed class FakeImageSourceTests : ImageSourceContract
{
    protected override (IImageSource Source, ImageReference Reference) Offer(TestImage image)
    {
        var source = new FakeImageSource();
        source.Add("example.com/one:1", image);
        return (source, ImageReference.Parse("example.com/one:1"));
    }
}
