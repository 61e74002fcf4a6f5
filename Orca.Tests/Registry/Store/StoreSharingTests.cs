using System.Net.Sockets;
using NUnit.Framework;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>A shared store: readable, and without a file that would make others its owner (CVE-2021-41091, CVE-2021-41103, CVE-2024-25621).</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StoreSharingTests : IDisposable
{
    private const uint SetUid = 0x9ED; // 04755
    private const UnixFileMode SetIds = UnixFileMode.SetUser | UnixFileMode.SetGroup;

    private readonly TestStore _store = new();
    private readonly TestImage _image = TestImage.Of(new TarBuilder().Dir("bin/").File("bin/su", "su", mode: SetUid)
        .File("bin/passwd", "p", mode: SetUid, fields: new HeaderFields { Uid = TarBuilder.Octal(5, 8) }).File("plain", "x").Build());

    private string ImagePath => Path.Combine(_store.Root, "images", "sha256-" + _image.Content.Digest.Hex);

    [TestCase(true)]
    [TestCase(false)]
    public void Shared_HasNoSetIdBits_ButRemembersThem_WhetherPulledBeforeOrAfter(bool before)
    {
        if (before)
        {
            _store.Add(_image, "one");
            Assert.That(File.GetUnixFileMode(ImagePath + "/rootfs/bin/su") & SetIds, Is.EqualTo(UnixFileMode.SetUser));
        }

        Assert.That(_store.Upkeep().Share().Cleared, Is.EqualTo(before ? 2 : 0));
        _store.Add(_image, "one");
        foreach (var file in Directory.GetFiles(_store.Root, "*", SearchOption.AllDirectories))
        {
            Assert.That(File.GetUnixFileMode(file) & SetIds, Is.EqualTo(UnixFileMode.None), file);
        }

        var owners = OwnerTableReader.TryRead(_store.OpenRoot().Open(), $"images/sha256-{_image.Content.Digest.Hex}")!;
        Assert.That(owners.Select(owner => (System.Text.Encoding.UTF8.GetString(owner.Path), owner.Record.Mode, owner.Record.Uid)), Is.EqualTo([("bin/passwd", 0x8000 | SetUid, 5u), ("bin/su", 0x8000 | SetUid, 0u)]));
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void Share_GoesOn_BesideADamagedName_AndAnImageThatIsRemovedMeanwhile()
    {
        _store.Add(_image, "one");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_store.Root, "refs", "broken")));
        Assert.That(SetIdBits.ClearAll(_store.OpenRoot().Open(), [StorePaths.Image(TestImage.DigestOf([1]))]), Is.Zero);
        Assert.That(_store.Upkeep().Share().Cleared, Is.EqualTo(2));
        Assert.That(ModeOf("."), Is.EqualTo("755"));
    }

    [Test]
    public void Shared_RecordsOfAnEarlierVersion_AreRewritten()
    {
        _store.Add(_image, "one");
        StoreCheckTests.Unpack(ImagePath + "/tree", cut: 0);
        Assert.That(_store.Upkeep().Share().Cleared, Is.EqualTo(2));
        Assert.That(File.ReadAllBytes(ImagePath + "/tree"), Is.Not.Empty.And.ItemAt(0).EqualTo(0x1f));
        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
    }

    [Test]
    public void Shared_ShowsImagesAndNames_AndNothingElse()
    {
        _store.Upkeep().Share();
        _store.Add(_image, "one");
        _store.OpenRoot().Open();
        Assert.That(ModeOf("."), Is.EqualTo("755"), "it stays open when its owner comes back");
        foreach (var (path, mode) in new[]
        {
            ("images", "755"), ("refs", "755"), ("format", "644"), ("refs/docker.io%library%one:latest", "644"), ("containers", "700"), ("staging", "700"), ("parts", "700"), ("locks", "700"),
        })
        {
            Assert.That(ModeOf(path), Is.EqualTo(mode), path);
        }

        foreach (var file in new[] { "manifest.json", "config.json", "image" })
        {
            Assert.That(ModeOf($"images/sha256-{_image.Content.Digest.Hex}/{file}"), Is.EqualTo("644"), file);
        }
    }

    [Test]
    public void Unshared_IsClosed_AndStaysSo()
    {
        _store.Upkeep().Share();
        _store.Upkeep().Unshare();
        Assert.That(ModeOf("."), Is.EqualTo("700"));
        _store.Add(_image, "one");
        Assert.That(ModeOf("."), Is.EqualTo("700"));
        Assert.That(_store.Open().Images.Find(ImageReference.Parse("one")), Is.Not.Null);
    }

    [Test]
    public void MadeReadableByHand_IsClosedAgain()
    {
        _store.Add(_image, "one");
        File.SetUnixFileMode(_store.Root, (UnixFileMode)Convert.ToInt32("755", 8));
        _store.OpenRoot().Open();
        Assert.That(ModeOf("."), Is.EqualTo("700"));
    }

    private string ModeOf(string path) => Convert.ToString((int)File.GetUnixFileMode(Path.Combine(_store.Root, path)), 8);

    public void Dispose() => _store.Dispose();
}
