using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Stores that stand behind the own one: found, listed, run without a copy or a lock; never written.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AdditionalStoresTests : IDisposable
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");
    private static readonly ImageReference s_two = ImageReference.Parse("two");

    private readonly TestStore _own = new();
    private readonly TestStore _shared = new();
    private readonly TestImage _image = TestImage.Small();

    public AdditionalStoresTests()
    {
        _shared.Add(_image, s_one.ToString());
        _own.Behind.Add(_shared.Root);
    }

    [Test]
    public void Image_IsFound_AndListedAsTheOthersStore()
    {
        var images = _own.Open().Images;
        foreach (var found in new[] { images.Find(s_one), images.Find(_image.Content.Digest), images.Find(ImageReference.Parse($"any@{_image.Content.Digest}")), images.List().Single() })
        {
            Assert.That((found!.Digest, found.Store), Is.EqualTo((_image.Content.Digest, _shared.Root)));
            Assert.That(found.References, Is.EqualTo([s_one]));
        }

        Assert.That(Directory.Exists(_own.Root), Is.False, "looking makes nothing");
    }

    [Test]
    public void Pull_OfWhatIsThere_HasNothingToDo_AndWritesNoMoreThanAName()
    {
        var before = Stamp(_shared.Root);
        Assert.That(_own.Add(_image, s_one.ToString()).Store, Is.EqualTo(_shared.Root));
        Assert.That(Directory.Exists(_own.Root), Is.False, "the name is there too");
        var named = _own.Add(_image, s_two.ToString());
        Assert.That(named.References, Is.EqualTo([s_two, s_one]));
        Assert.That(_own.Names("images"), Is.Empty);
        Assert.That(_own.Open().Images.Find(s_two)!.Store, Is.EqualTo(_shared.Root));
        Assert.That(_own.Open().Images.Remove(s_two, force: false), Is.Empty, "only the name was here");
        Assert.That(_own.Open().Images.Find(s_two), Is.Null);
        Assert.That(Stamp(_shared.Root), Is.EqualTo(before));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Remove_IsRefusedWithTheReason(bool force) => Assert.That(
        () => _own.Open().Images.Remove(s_one, force),
        Throws.TypeOf<StoreException>().With.Message.EqualTo($"cannot remove image 'example.com/one:1': it is in the store '{_shared.Root}', which stands behind this one and is only read"));

    [Test]
    public void OwnName_GoesFirst()
    {
        var own = _own.Add(TestImage.Small("own"), s_one.ToString());
        Assert.That(own.Store, Is.Null);
        var images = _own.Open().Images;
        Assert.That(images.Find(s_one)!.Digest, Is.EqualTo(own.Digest));
        Assert.That(images.List().Select(image => (image.Digest, image.References.Count)), Is.EqualTo([(own.Digest, 1), (_image.Content.Digest, 0)]));
        images.Remove(s_one, force: false);
        Assert.That(_own.Open().Images.Find(s_one)!.Digest, Is.EqualTo(_image.Content.Digest));
    }

    [Test]
    public void Tag_OfAnImageBehind_IsAnOwnName()
    {
        _own.Open().Images.Tag(s_two, _image.Content.Digest);
        Assert.That(_own.Open().Images.Find(s_two)!.Store, Is.EqualTo(_shared.Root));
        Assert.That(_own.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void Containers_StandOnTheOthersTree_WithoutALockThere()
    {
        var (images, _, containers) = _own.Open();
        var before = Stamp(_shared.Root);
        using (var container = containers.CreateEphemeral(images.Find(s_one)!, Record("any")))
        {
            Assert.That((container.Root.LowerStore, container.Root.Frame), Is.EqualTo((_shared.Root, (string?)null)));
            Assert.That(Directory.Exists(Path.Combine(_own.Root, container.Root.Directory, "lower")), Is.True);
            Assert.That(container.ReadFile("/etc/motd", 100), Is.EqualTo("hello"u8.ToArray()));
            Assert.That(_shared.Open().Images.Remove(s_one, force: false), Has.Count.EqualTo(1), "nobody holds it there");
        }

        Assert.That(before, Is.Not.Empty);
    }

    [Test]
    public void KeptContainer_NeedsItsImage_AndCanBeCopied()
    {
        var (images, _, containers) = _own.Open();
        containers.Create(images.Find(s_one)!, Record("work")).Dispose();
        using (var container = containers.Open("work"))
        {
            Assert.That(container.MaterializeCopy().LowerStore, Is.Null);
            Assert.That(container.ReadFile("/etc/motd", 100), Is.EqualTo("hello"u8.ToArray()));
        }

        Assert.That(_own.Upkeep().Prune(new PruneOptions()).Images, Is.Empty);
        _shared.Open().Images.Remove(s_one, force: false);
        Assert.That(() => containers.Open("work"), Throws.TypeOf<StoreException>().With.Message.Contains("not whole in the store"));
        Assert.That(_own.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings.Single().What, Is.EqualTo("container work"));
    }

    [Test]
    public void SeveralStores_AreAskedInOrder()
    {
        using var third = new TestStore();
        third.Add(TestImage.Small("third"), s_one.ToString());
        third.Add(TestImage.Small("only"), s_two.ToString());
        _own.Behind.Add(third.Root);
        var images = _own.Open().Images;
        Assert.That(images.Find(s_one)!.Digest, Is.EqualTo(_image.Content.Digest));
        Assert.That(images.Find(s_two)!.Store, Is.EqualTo(third.Root));
        Assert.That(images.List(), Has.Count.EqualTo(3));
    }

    [Test]
    public void StoreThatIsNotThere_IsNamed()
    {
        var missing = Path.Combine(_own.Base, "is-not-there");
        _own.Behind.Add(missing);
        Assert.That(
            () => _own.Open().Images.Find(s_two),
            Throws.TypeOf<StoreException>().With.Message.EqualTo($"cannot open store '{missing}': ENOENT (no such file or directory)").And.Property("Hint").Contains("ORCA_STORES"));
    }

    [Test]
    public void DamagedImageBehind_CountsAsAbsent()
    {
        File.WriteAllText(Path.Combine(_shared.Root, "images", "sha256-" + _image.Content.Digest.Hex, "image"), "");
        Assert.That(_own.Open().Images.Find(s_one), Is.Null);
        Assert.That(_own.Add(_image, s_one.ToString()).Store, Is.Null);
    }

    [Test]
    public void StoreThatEverybodyMayWrite_IsRefused()
    {
        File.SetUnixFileMode(_shared.Root, (UnixFileMode)Convert.ToInt32("777", 8));
        Assert.That(() => _own.Open().Images.Find(s_one), Throws.TypeOf<StoreException>().With.Message.Contains("everybody may write to it"));
    }

    [TestCase("/a:/b//c/", "/a /b/c")]
    [TestCase("::/a:", "/a")]
    [TestCase("", "")]
    [TestCase(null, "")]
    [TestCase("/a:/a", "/a")]
    public void Variable_IsAListLikePath(string? value, string paths) => Assert.That(
        string.Join(' ', StoreLocation.ResolveBehind(null, name => name == "ORCA_STORES" ? value : null)), Is.EqualTo(paths));

    private static ContainerRecord Record(string name) => new()
    {
        Name = name,
        Image = s_one,
        ImageDigest = TestImage.Small().Content.Digest,
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions(),
    };

    /// <summary>Every path with its time of change, so that a write would show.</summary>
    private static string Stamp(string root) => string.Join('\n', Directory.GetFileSystemEntries(root, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O}"));

    public void Dispose()
    {
        _own.Dispose();
        _shared.Dispose();
    }
}
