using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.Upkeep;
using Orca.Registry.Store;
using Orca.Tests.Contracts;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ImageStoreTests : ImageStoreContract, IDisposable
{
    private readonly TestStore _store = new();
    private IImageStore? _images;

    protected override IImageStore Store => _images ??= _store.Open().Images;

    public void Dispose() => _store.Dispose();
}

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PartStoreTests : PartStoreContract, IDisposable
{
    private readonly TestStore _store = new();
    private IPartStore? _parts;

    protected override IPartStore Store => _parts ??= _store.Open().Parts;

    public void Dispose() => _store.Dispose();
}

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ContainerStoreTests : ContainerStoreContract, IDisposable
{
    private readonly TestStore _store = new();
    private StoredImage? _image;
    private IContainerStore? _containers;

    protected override IContainerStore Store => _containers ??= _store.Open().Containers;

    protected override StoredImage Image => _image ??= _store.Add(TestImage.Small(), "example.com/one:1");

    public void Dispose() => _store.Dispose();
}

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StoreUpkeepTests : StoreUpkeepContract, IDisposable
{
    private readonly TestStore _store = new();
    private readonly (ImageStore Images, PartStore Parts, ContainerStore Containers) _stores;

    public StoreUpkeepTests() => _stores = _store.Open();

    protected override IImageStore Images => _stores.Images;

    protected override IContainerStore Containers => _stores.Containers;

    protected override IPartStore Parts => _stores.Parts;

    protected override IStoreUpkeep Upkeep => _store.Upkeep();

    protected override IStoreMeter Meter => _store.Meter();

    public void Dispose() => _store.Dispose();
}
