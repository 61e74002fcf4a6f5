using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fixtures;
using static Orca.Tests.Registry.Archives.ArchiveBuilder;

namespace Orca.Tests.Registry.Archives;

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ImageLoaderTests : IDisposable
{
    private const string ContainerdName = "io.containerd.image.name=docker.io/library/one:1";
    private readonly LoadFixture _world = new();

    public void Dispose() => _world.Dispose();

    [TestCase("./", "")]
    [TestCase("docker-archive:", "")]
    [TestCase("docker-archive:", ":one:1")]
    [TestCase("docker-archive:", ":@0")]
    [TestCase("", "")]
    public void DockerArchive_IsLoadedUnderItsNames(string prefix, string suffix)
    {
        var image = TestImage.Of(new TarBuilder().Dir("etc/").File("etc/motd", "base").Build(), new TarBuilder().File("etc/motd", "top").Build());
        var path = _world.Put("x.tar", Docker(image, "one:1", "two"));
        var loaded = _world.Load((prefix == "./" ? "" : prefix) + path + suffix).Single();
        Assert.That(loaded.Names.Select(name => name.Familiar), Is.EqualTo(suffix == ":one:1" ? ["one:1"] : new[] { "one:1", "two:latest" }));
        Assert.That(loaded.Image.Config.Cmd, Is.EqualTo(["sh"]));
        Assert.That(File.ReadAllText(Path.Combine(_world.Rootfs(loaded.Image), "etc/motd")), Is.EqualTo("top"));
        Assert.That(_world.Images.Find(ImageReference.Parse("one:1"))!.Digest, Is.EqualTo(loaded.Image.Digest));
    }

    [Test]
    public void CompressedArchive_IsLoaded_AndItsSpoolGoes([Values("gzip", "zstd")] string format, [Values] bool fromStandardInput)
    {
        var image = TestImage.Small();
        var bytes = format == "gzip" ? Gzip(Docker(image, "one:1")) : Zstd(Docker(image, "one:1"));
        var loaded = fromStandardInput
            ? _world.Load("-", request => request with { Input = new MemoryStream(bytes) })
            : _world.Load(_world.Put("x", bytes));
        Assert.That(loaded.Single().Names.Single().Familiar, Is.EqualTo("one:1"));
        Assert.That(_world.Staged, Is.Empty);
    }

    [TestCase("crc64.xz")]
    [TestCase("streams.bz2")]
    [TestCase("members.lz")]
    [TestCase("b16.Z")]
    public void TreeInAnyCompression_BecomesAnImage(string name)
    {
        foreach (var fromStandardInput in new[] { false, true })
        {
            var bytes = Layers.Compression.PackedFile.Read(name);
            var loaded = fromStandardInput
                ? _world.Load("-", request => request with { Input = new MemoryStream(bytes), Name = ImageReference.Parse("stream:1") })
                : _world.Load(_world.Put(name, bytes));
            Assert.That(File.ReadAllLines(Path.Combine(_world.Rootfs(loaded.Single().Image), "lines")), Has.Length.EqualTo(1000));
            Assert.That(_world.Staged, Is.Empty);
        }
    }

    [Test]
    public void OciLayout_KeepsTheRegistrysDigest([Values("directory", "archive", "gzip")] string form, [Values] bool withPrefix)
    {
        var image = TestImage.Small();
        var files = Oci(image, ContainerdName);
        var path = form switch
        {
            "directory" => _world.PutLayout("layout", files),
            "archive" => _world.Put("x.tar", Tar(files)),
            _ => _world.Put("x.tar", Gzip(Tar(files))),
        };
        var loaded = _world.Load((!withPrefix ? "" : form == "directory" ? "oci:" : "oci-archive:") + path).Single();
        Assert.That(loaded.Image.Digest, Is.EqualTo(image.Content.Digest));
        Assert.That(loaded.Names.Single().Familiar, Is.EqualTo("one:1"));
    }

    [Test]
    public void NestedIndex_AsNerdctlWritesIt_IsFollowedToThePlatform()
    {
        var image = TestImage.Small();
        var inner = Encoding.UTF8.GetBytes(Index(Line(MediaTypes.OciManifest, "sha256:" + new string('0', 64), 3, "platform=linux/mips"), Line(image, $"platform=linux/{Platform.Current.Architecture}")));
        var digest = TestImage.DigestOf(inner);
        List<(string, byte[])> files = [("oci-layout", Encoding.UTF8.GetBytes(LayoutMark)), ("index.json", Encoding.UTF8.GetBytes(Index(Line(MediaTypes.OciIndex, digest.ToString(), inner.Length, ContainerdName)))), ($"blobs/sha256/{digest.Hex}", inner), .. Blobs(image)];
        var archive = _world.Put("x.tar", Tar(files));
        Assert.That(_world.Load(archive).Single().Image.Digest, Is.EqualTo(image.Content.Digest));
        var listed = Assert.Throws<ContentException>(() => _world.Load(archive, static request => request with { Platform = new Platform("linux", "mips") }));
        Assert.That(listed!.Message, Does.EndWith($": the image for linux/mips is only listed in it; what is there is for linux/{Platform.Current.Architecture}"));
        var absent = Assert.Throws<ContentException>(() => _world.Load(archive, static request => request with { Platform = new Platform("linux", "s390x") }));
        Assert.That(absent!.Message, Does.EndWith($": there is no image for linux/s390x, only for linux/{Platform.Current.Architecture}"));
    }

    [Test]
    public void Tree_IsOneImage_PinnedToWhatItIs([Values("plain", "gzip", "zstd")] string format)
    {
        var tree = new TarBuilder().Dir("./").Dir("./etc/").File("./etc/motd", "hello").Hard("./etc/twin", "./etc/motd").Build();
        var loaded = _world.Load(_world.Put("My Rootfs.tar", format == "gzip" ? Gzip(tree) : format == "zstd" ? Zstd(tree) : tree)).Single();
        Assert.That(loaded.Names.Single().ToString(), Is.EqualTo($"localhost/my-rootfs@{loaded.Image.Digest}"));
        Assert.That(loaded.Image.Config.Cmd, Is.EqualTo(["/bin/sh"]));
        Assert.That(TreeListing.Paths(_world.Rootfs(loaded.Image)), Is.EqualTo("etc etc/motd etc/twin"));
        Assert.That(_world.Images.Find(loaded.Names[0]), Is.Not.Null);
    }

    [Test]
    public void Directory_BecomesAnImage_WhoseOwnerIsRoot()
    {
        _world.Put("tree/bin/sh", "x"u8.ToArray());
        File.CreateSymbolicLink(Path.Combine(_world.Base, "tree/link"), "/nowhere");
        var once = _world.Load(Path.Combine(_world.Base, "tree")).Single();
        Assert.That(TreeListing.Paths(_world.Rootfs(once.Image)), Is.EqualTo("bin bin/sh link"));
        Assert.That(File.ReadAllBytes(Path.Combine(_world.Rootfs(once.Image), "../owners")), Is.Empty);
        Assert.That(_world.Load(Path.Combine(_world.Base, "tree")).Single().Image.Digest, Is.EqualTo(once.Image.Digest), "the same tree is the same image");
    }

    [Test]
    public void Registry_IsPulled_AndTagged()
    {
        _world.Source.Add("example.com/one:1", TestImage.Small());
        var loaded = _world.Load("example.com/one:1", request => request with { Name = ImageReference.Parse("mine") }).Single();
        Assert.That(_world.Images.Find(ImageReference.Parse("mine"))!.Digest, Is.EqualTo(loaded.Image.Digest));
        Assert.That(_world.Images.Find(ImageReference.Parse("example.com/one:1")), Is.Not.Null);
    }

    /// <summary>containerd CVE-2026-50195.</summary>
    /// <summary>Docker leaves such names out, and so does orca; that it did is known.</summary>
    [Test]
    public void NameThatCannotBeOne_IsTold([Values] bool isDocker)
    {
        var image = TestImage.Small();
        var path = _world.Put("x.tar", isDocker ? Docker(image, "Upper/Case:1", "good:1", "a b") : Tar(Oci(image, "org.opencontainers.image.ref.name=not a tag")));
        var loaded = _world.Load(path).Single();
        Assert.That(loaded.UnusableNames, Is.EqualTo(isDocker ? ["Upper/Case:1", "a b"] : (string[])["not a tag"]));
        Assert.That(loaded.Names[0].Familiar, Does.StartWith(isDocker ? "good:1" : "localhost/x@sha256:"));
        Assert.That(_world.Load(path, static request => request with { Name = ImageReference.Parse("given:1") }).Single().UnusableNames, Is.Empty);
    }

    [Test]
    public void TakenName_IsNotTakenOver_UnlessAskedFor()
    {
        var mine = _world.Add(TestImage.Small("mine"), "alpine");
        var path = _world.Put("x.tar", Docker(TestImage.Small("theirs"), "alpine:latest", "free:1"));
        var refusal = Assert.Throws<StoreException>(() => _world.Load(path))!;
        Assert.That(refusal.Message, Does.Contain("'alpine:latest' is another image's").And.StartWith("cannot load '"));
        Assert.That(_world.Images.List().Single().Digest, Is.EqualTo(mine.Digest), "nothing of it is loaded");

        var yielding = _world.Load(path, request => request with { YieldNames = true }).Single();
        Assert.That(yielding.Names.Select(name => name.Familiar), Is.EqualTo(["free:1"]));
        Assert.That(_world.Images.Find(ImageReference.Parse("alpine"))!.Digest, Is.EqualTo(mine.Digest));

        var other = _world.Load(path, request => request with { Name = ImageReference.Parse("other") }).Single();
        Assert.That((other.Names.Single().Familiar, other.Replaced.Count), Is.EqualTo(("other:latest", 0)));
        Assert.That(_world.Images.Find(ImageReference.Parse("alpine"))!.Digest, Is.EqualTo(mine.Digest));

        var replaced = _world.Load(path, request => request with { Replace = true }).Single();
        Assert.That(replaced.Replaced.Single().Familiar, Is.EqualTo("alpine:latest"));
        Assert.That(_world.Images.Find(ImageReference.Parse("alpine"))!.Digest, Is.EqualTo(replaced.Image.Digest));
    }

    [Test]
    public void TakenName_OfTheSameImage_IsFine()
    {
        var path = _world.Put("x.tar", Docker(TestImage.Small(), "alpine"));
        var first = _world.Load(path).Single().Image.Digest;
        Assert.That(_world.Load(path).Single().Image.Digest, Is.EqualTo(first));
    }

    [Test]
    public void NameWithADigest_IsNotGiven([Values("example.com/one:1", "x.tar")] string location)
    {
        var wanted = ImageReference.Parse($"mine@{TestImage.Small("another").Content.Digest}");
        var from = location == "x.tar" ? _world.Put(location, new TarBuilder().File("a").Build()) : location;
        Assert.That(() => _world.Load(from, request => request with { Name = wanted }), Throws.TypeOf<ReferenceException>().With.Message.StartsWith("cannot give an image the name 'mine@sha256:"));
        Assert.That(_world.Images.List(), Is.Empty);
    }

    [Test]
    public void ManyImages_AreAllLoaded_OrOneIsChosen()
    {
        var (one, two) = (TestImage.Small("one"), TestImage.Small("two"));
        List<(string, byte[])> files =
        [
            ("oci-layout", Encoding.UTF8.GetBytes(LayoutMark)),
            ("index.json", Encoding.UTF8.GetBytes(Index(Line(one, "org.opencontainers.image.ref.name=1"), Line(two, "org.opencontainers.image.ref.name=2"), Line(one, "org.opencontainers.image.ref.name=uno")))),
            .. Blobs(one), .. Blobs(two).Where(blob => !Blobs(one).Any(other => other.Name == blob.Name)),
        ];
        var path = _world.Put("many.tar", Tar(files));
        Assert.That(_world.Load(path).Select(loaded => string.Join(' ', loaded.Names.Select(name => name.Familiar))),
            Is.EqualTo(["localhost/many:1 localhost/many:uno", "localhost/many:2"]));
        Assert.That(_world.Load($"oci-archive:{path}:2", request => request with { Single = true }).Single().Image.Digest, Is.EqualTo(two.Content.Digest));
        Assert.That(() => _world.Load(path, request => request with { Single = true }), Throws.TypeOf<ContentException>().With.Message.Contains("there are 2 images in it")
            .And.Property(nameof(OrcaException.Hint)).EqualTo($"choose one by its number, for example oci-archive:{path}:@0, or load them all: orca load {path}"));
        Assert.That(() => _world.Load($"oci-archive:{path}:3"), Throws.TypeOf<ContentException>().With.Message.Contains("it has no image '3'"));
    }

    [Test]
    public void ManyImages_OfWhichOneIsDamaged_SayWhatWasLoaded()
    {
        var (one, two) = (TestImage.Small("one"), TestImage.Small("two"));
        var layer = two.Content.Manifest.Layers[0].Digest.Hex;
        var damaged = Blobs(two).Select(blob => (blob.Name, blob.Name.EndsWith(layer, StringComparison.Ordinal) ? new byte[blob.Content.Length] : blob.Content));
        var path = _world.Put("many.tar", Tar(
        [
            ("oci-layout", Encoding.UTF8.GetBytes(LayoutMark)),
            ("index.json", Encoding.UTF8.GetBytes(Index(Line(one, "org.opencontainers.image.ref.name=1"), Line(two, "org.opencontainers.image.ref.name=2")))),
            .. Blobs(one), .. damaged,
        ]));
        Assert.That(() => _world.Load(path), Throws.InstanceOf<OrcaException>().With.Message.EndsWith("; loaded before it: localhost/many:1"));
        Assert.That(_world.Images.List().Select(image => image.Digest), Is.EqualTo([one.Content.Digest]));
    }

    /// <summary>A tarball of a directory that holds the root is taken, as it may be meant so.</summary>
    [Test]
    public void Tree_OneDirectoryTooDeep_IsSaid([Values] bool isDirectory)
    {
        if (isDirectory)
        {
            foreach (var file in (string[])["tree/rootfs/bin/sh", "tree/rootfs/etc/passwd"])
            {
                _world.Put(file, [1]);
            }
        }

        var archive = new TarBuilder().Dir("rootfs/").Dir("rootfs/bin/").File("rootfs/bin/sh").File("rootfs/etc/passwd").Build();
        var loaded = _world.Load(isDirectory ? Path.Combine(_world.Base, "tree") : _world.Put("tree.tar", archive)).Single();
        Assert.That(loaded.Image.Warnings, Is.EqualTo(["all of it is in 'rootfs/', which looks like a root file system; to make that the root, import that directory alone"]));
        Assert.That(_world.Load(_world.Put("flat.tar", new TarBuilder().Dir("bin/").File("bin/sh").File("etc/passwd").Build())).Single().Image.Warnings, Is.Empty);
        Assert.That(_world.Load(_world.Put("one.tar", new TarBuilder().Dir("app/").File("app/etc/x").Build())).Single().Image.Warnings, Is.Empty);
    }

    [Test]
    public void OldDockerArchive_WithALinkBetweenItsLayers_IsLoaded()
    {
        var archive = new TarBuilder().File("a", "1").Build();
        var image = TestImage.Of(archive, archive);
        var config = $"{image.Content.Manifest.Config.Digest.Hex}.json";
        var tar = new TarBuilder().Entry('0', "x/layer.tar", archive, new()).Link("y/layer.tar", "../x/layer.tar")
            .Entry('0', config, image.Content.ConfigBytes.ToArray(), new()).File("manifest.json", Manifest(config, ["one"], ["x/layer.tar", "y/layer.tar"]));
        Assert.That(TreeListing.Paths(_world.Rootfs(_world.Load(_world.Put("x.tar", tar.Build())).Single().Image)), Is.EqualTo("a"));
    }

    [Test]
    public void Defaults_ChangeHowAnImageOfAnArchiveIsRun([Values] bool isOci)
    {
        var image = TestImage.Small();
        var path = isOci ? _world.PutLayout("layout", Oci(image, ContainerdName)) : _world.Put("x.tar", Docker(image, "one:1"));
        var defaults = new ImageConfig { Platform = Platform.Current, DiffIds = [], Cmd = ["after"], Env = ["A=2", "B=3"] };
        var loaded = _world.Load(path, request => request with { Defaults = defaults, Name = ImageReference.Parse("changed:1") }).Single().Image;
        Assert.That(loaded.Config.Cmd, Is.EqualTo(new[] { "after" }));
        Assert.That(loaded.Config.Env, Is.EqualTo(new[] { "A=2", "B=3" }));
        Assert.That(loaded.Digest, Is.Not.EqualTo(image.Content.Digest));
        Assert.That(File.ReadAllText(Path.Combine(_world.Rootfs(loaded), "etc/motd")), Is.EqualTo("hello"));
    }

    [Test]
    public void WhatWasSaved_IsLoadedIntoTheSameStore_AndIsTheImageThatItWas()
    {
        var stored = _world.Add(TestImage.Of(new TarBuilder().Dir("etc/").File("etc/motd", "base").Build(), new TarBuilder().File("etc/motd", "top").Build()), "one:1");
        using var saved = new MemoryStream();
        _world.Writer.Save([new SavedImage(stored, [ImageReference.Parse("one:1"), ImageReference.Parse("two:1")])], ArchiveFormat.DockerArchive, saved, CancellationToken.None);
        var loaded = _world.Load(_world.Put("x.tar", saved.ToArray())).Single();
        Assert.That(loaded.Image.Digest, Is.EqualTo(stored.Digest));
        Assert.That(_world.Images.List(), Has.Count.EqualTo(1));
        Assert.That(_world.Images.Find(ImageReference.Parse("two:1"))!.Digest, Is.EqualTo(stored.Digest));
        var other = _world.Put("y.tar", Docker(TestImage.Small("another"), "one:1"));
        Assert.That(() => _world.Load(other), Throws.TypeOf<StoreException>().With.Message.Contains("another image's"));
    }

    [Test]
    public void Warnings_ComeWithTheImageThatWasLoaded_AndOnlyThen()
    {
        var path = _world.Put("x.tar", Docker(TestImage.Of(new TarBuilder().Device('3', "null", 1, 3).File("f").Build()), "one:1"));
        Assert.That(_world.Load(path).Single().Image.Warnings, Is.EqualTo(new[] { "skipped 1 device, which only root can make" }));
        Assert.That(_world.Load(path).Single().Image.Warnings, Is.Empty);
    }

    [Test]
    public void Defaults_SayHowATreeIsRun()
    {
        var defaults = new ImageConfig { Platform = Platform.Current, DiffIds = [], Entrypoint = ["/init"], Env = ["A=\"1\""], User = "app", WorkingDir = "/srv", StopSignal = "SIGINT" };
        var config = _world.Load(_world.Put("x.tar", new TarBuilder().File("a").Build()), request => request with { Defaults = defaults }).Single().Image.Config;
        Assert.That((config.Entrypoint, config.Cmd, config.Env, config.User, config.WorkingDir, config.StopSignal),
            Is.EqualTo((new[] { "/init" }, (string[]?)null, new[] { "A=\"1\"" }, "app", "/srv", "SIGINT")));
    }
}
