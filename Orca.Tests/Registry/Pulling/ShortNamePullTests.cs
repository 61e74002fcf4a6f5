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
    private readonly List<string> _notes = [];

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

    [Test]
    public async Task ShortName_RegistryThatCannotBeAsked_IsPassedOver_AndThatIsSaid()
    {
        Offer();
        _source.OnResolve = static name => name.Registry switch
        {
            "down.test" => throw new RegistryException($"cannot pull '{name.Familiar}': GET https://down.test/v2/: connection refused"),
            "empty.test" => throw new RegistryException($"cannot pull '{name.Familiar}': 404") { IsAbsence = true },
            _ => null,
        };
        await PullShortAsync("down.test/one:1", "empty.test/one:1", "example.com/one:1");
        Assert.That(_notes, Is.EqualTo(["'down.test/one:1' was passed over: GET https://down.test/v2/: connection refused"]));
    }

    [Test]
    public void ShortName_ThatIsFound_AndItsLayersDoNotCome_IsNotLookedForElsewhere()
    {
        Offer();
        _source.Add("last.test/one:1", TestImage.Small("another image"));
        _source.OnOpen = static (_, _, _) => throw new RegistryException("the line is dead");
        Assert.That(() => PullShortAsync("example.com/one:1", "last.test/one:1"), Throws.TypeOf<RegistryException>().With.Message.EqualTo("the line is dead"));
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
        return new ImagePuller(_source, images, parts, TimeProvider.System, names: new FakeShortNames(sources), note: _notes.Add).PullAsync(ImageReference.Parse("one:1"), Platform.Current, null, CancellationToken.None);
    }
}
