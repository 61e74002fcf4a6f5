using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>What a crash, a power loss or another process leaves, and what becomes of it.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ImageCrashTests : IDisposable
{
    private static readonly ImageReference s_one = ImageReference.Parse("example.com/one:1");

    private readonly TestStore _store = new();
    private readonly TestImage _image = TestImage.Small();

    private string ImagePath => Path.Combine(_store.Root, "images", "sha256-" + _image.Content.Digest.Hex);

    [Test]
    public void Published_HasTheLayoutOfTheDocument()
    {
        _store.Add(_image, "example.com/one:1");
        Assert.That(Directory.GetFileSystemEntries(ImagePath).Select(Path.GetFileName), Is.EquivalentTo(["rootfs", "layers", "manifest.json", "config.json", "owners", "tree", "image"]));
        Assert.That(File.ReadAllBytes(Path.Combine(ImagePath, "manifest.json")), Is.EqualTo(_image.Content.ManifestBytes.ToArray()));
        Assert.That(File.ReadAllText(Path.Combine(_store.Root, "refs", "example.com%one:1")), Is.EqualTo($"{_image.Content.Digest}\nexample.com/one:1\n"));
        Assert.That(TreeListing.Paths(Path.Combine(ImagePath, "rootfs")), Is.EqualTo("etc etc/motd etc/passwd"));
        Assert.That(_store.Names("staging"), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(Path.Combine(_store.Root, "staging")), Is.Empty);
    }

    [TestCase("image", "")]
    [TestCase("image", "orca image 1\npulled 1\nsize 1\n")]
    [TestCase("config.json", "")]
    [TestCase("config.json", "{")]
    [TestCase("image", null)]
    public void DamagedImage_CountsAsAbsent_AndIsRebuilt(string file, string? content)
    {
        _store.Add(_image, "example.com/one:1");
        File.Delete(Path.Combine(ImagePath, file));
        if (content is not null)
        {
            File.WriteAllText(Path.Combine(ImagePath, file), content);
        }

        Assert.That(_store.Open().Images.Find(s_one), Is.Null);
        Assert.That(_store.Open().Images.List(), Is.Empty);
        _store.Add(_image, "example.com/one:1");
        Assert.That(_store.Open().Images.Find(s_one), Is.Not.Null);
        Assert.That(_store.Names("staging"), Is.Empty);
    }

    [TestCase("")]
    [TestCase("sha256:")]
    [TestCase("sha256:../../x\nexample.com/one:1\n")]
    public void DamagedName_CountsAsAbsent(string content)
    {
        _store.Add(_image, "example.com/one:1");
        File.WriteAllText(Path.Combine(_store.Root, "refs", "example.com%one:1"), content);
        Assert.That(_store.Open().Images.Find(s_one), Is.Null);
        Assert.That(_store.Open().Images.List().Single().References, Is.Empty);
    }

    [Test]
    public void Staging_OfADeadProcess_IsSwept_AndOfALiveOneIsNot()
    {
        using var alive = _store.Open().Images.Begin(TestImage.Small("other").Content);
        var dead = Path.Combine(_store.Root, "staging", "0123456789abcdef");
        Directory.CreateDirectory(Path.Combine(dead, "rootfs"));
        File.WriteAllText(dead + ".lock", "");
        Directory.CreateDirectory(Path.Combine(_store.Root, "staging", "no-lock"));
        File.WriteAllText(Path.Combine(_store.Root, "staging", "lock-only.lock"), "");
        Assert.That(_store.Names("staging"), Has.Length.EqualTo(3));
        _store.Add(_image, "example.com/one:1");
        Assert.That(_store.Names("staging"), Has.Length.EqualTo(1));
        alive.Apply(new MemoryStream(TestImage.Small("other").Archives[0]), CancellationToken.None);
        Assert.That(alive.Publish(ImageReference.Parse("other")).Digest, Is.EqualTo(TestImage.Small("other").Content.Digest));
    }

    [Test]
    public void Builder_WhoseHolderIsKilled_FreesTheImage()
    {
        _store.OpenRoot().Open();
        var path = Path.Combine(_store.Root, "locks", "sha256-" + _image.Content.Digest.Hex);
        using var holder = OtherProcess.HoldLock(path);
        var waiting = Task.Run(() => _store.Add(_image, "example.com/one:1"));
        Assert.That(waiting.Wait(200), Is.False);
        holder.Kill();
        Assert.That(waiting.Wait(5000), Is.True);
    }

    [Test]
    public void Remove_CutShortAfterTheName_IsFinishedByTheNext()
    {
        _store.Add(_image, "example.com/one:1");
        File.WriteAllText(Path.Combine(ImagePath, "doomed"), "");
        Assert.That(_store.Open().Images.Find(s_one), Is.Not.Null, "the mark does not count while there is a name");
        _store.Add(TestImage.Small("other"), "other");
        Assert.That(Directory.Exists(ImagePath), Is.True);
        File.Delete(Path.Combine(_store.Root, "refs", "example.com%one:1"));
        _store.Add(TestImage.Small("third"), "third");
        Assert.That(Directory.Exists(ImagePath), Is.False);
        Assert.That(Directory.Exists(Path.Combine(_store.Root, "locks", Path.GetFileName(ImagePath))), Is.False);
    }

    [Test]
    public void Remove_Twice_AtOnce_OneSucceeds()
    {
        _store.Add(_image, "example.com/one:1");
        var outcomes = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 4, _ =>
        {
            try
            {
                outcomes.Add(_store.Open().Images.Remove(s_one, force: true).Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (StoreException e) when (e.Message.Contains("not in the store", StringComparison.Ordinal))
            {
                outcomes.Add("missing");
            }
        });
        Assert.That(outcomes.Count(outcome => outcome == "1"), Is.EqualTo(1));
        Assert.That(_store.Names("images"), Is.Empty);
        Assert.That(_store.Names("refs"), Is.Empty);
    }

    [Test]
    public void LongName_IsStillAName()
    {
        var name = ImageReference.Parse($"example.com/{string.Join('/', Enumerable.Repeat("component", 20))}:{new string('t', 128)}");
        _store.Add(_image, name.ToString());
        Assert.That(_store.Open().Images.Find(name)!.References, Is.EqualTo([name]));
        Assert.That(_store.Open().Images.Remove(name, force: false), Has.Count.EqualTo(1));
    }

    public void Dispose() => _store.Dispose();
}
