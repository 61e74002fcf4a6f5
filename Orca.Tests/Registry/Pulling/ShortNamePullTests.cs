using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pulling;

/// <summary>Pulls by a name that several registries may have.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ShortNamePullTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly FakeImageSource _source = new();

    [Test]
    public async Task ShortName_IsPulledFromTheFirstRegistryThatHasIt()
    {
        var image = Offer();
        _source.Add("last.test/one:1", TestImage.Of(new TarBuilder().File("other").Build()));
        var stored = await PullShortAsync("none.test/one:1", "example.com/one:1", "last.test/one:1");
        Assert.That(stored.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(stored.References.Select(name => name.ToString()), Is.EqualTo(["example.com/one:1"]), "it has the name of where it is from");
    }

    [Test]
    public async Task ShortName_ThatNoRegistryHas_TellsWhatEachSaid()
    {
        var error = await Assert.ThrowsAsync<RegistryException>(() => PullShortAsync("none.test/one:1", "other.test/one:1"));
        Assert.That(error!.Message, Is.EqualTo("cannot pull 'one:1': no registry that is searched for it has it: none.test/one:1: no such image; other.test/one:1: no such image"));
        Assert.That(_store.Open().Images.List(), Is.Empty);
    }

    [Test]
    public void ShortName_OfAnImageWithWrongBytes_IsNotLookedForElsewhere()
    {
        Offer();
        _source.OnResolve = static name => name.Registry == "evil.test" ? throw new ContentException("wrong bytes") : null;
        Assert.That(() => PullShortAsync("evil.test/one:1", "example.com/one:1"), Throws.TypeOf<ContentException>());
        Assert.That(_store.Open().Images.List(), Is.Empty);
    }

    public void Dispose() => _store.Dispose();

    private TestImage Offer()
    {
        var image = TestImage.Small();
        _source.Add("example.com/one:1", image);
        return image;
    }

    private Task<StoredImage> PullShortAsync(params string[] sources)
    {
        var (images, parts, _) = _store.Open();
        return new ImagePuller(_source, images, parts, TimeProvider.System, names: new FakeShortNames(sources)).PullAsync(ImageReference.Parse("one:1"), Platform.Current, null, CancellationToken.None);
    }
}
