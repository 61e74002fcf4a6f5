using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Layers.Compression;
using static Orca.Tests.Registry.Archives.ArchiveBuilder;

namespace Orca.Tests.Registry.Archives;

/// <summary>An archive is foreign, and so is the archive around the layers (rows I15, I16; groups T, L, P, D).</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HostileArchiveTests : IDisposable
{
    private static readonly TestImage s_image = TestImage.Small();
    private static readonly string s_config = $"{s_image.Content.Manifest.Config.Digest.Hex}.json";
    private static readonly string s_layerBlob = $"blobs/sha256/{s_image.Content.Manifest.Layers[0].Digest.Hex}";
    private readonly LoadFixture _world = new();

    public void Dispose() => _world.Dispose();

    private static IEnumerable<TestCaseData> Archives()
    {
        static TestCaseData Case(string name, byte[] bytes, string message) => new TestCaseData(bytes, message).SetArgDisplayNames(name);
        static byte[] Docker(Action<TarBuilder> add, string layer, string? config = null)
        {
            var tar = new TarBuilder().Entry('0', config ?? s_config, s_image.Content.ConfigBytes.ToArray(), new());
            add(tar);
            return tar.File("manifest.json", Manifest(config ?? s_config, ["one"], [layer])).Build();
        }

        yield return Case("empty", [], "it is empty");
        yield return Case("no entries", new byte[1024], "there is nothing in it");
        yield return Case("page", Encoding.UTF8.GetBytes("<!DOCTYPE html>".PadRight(2000)), "this is not a tar archive");
        yield return Case("short", "hello"u8.ToArray(), "this is not a tar archive");
        yield return Case("page in gzip", Gzip(Encoding.UTF8.GetBytes("<!DOCTYPE html>".PadRight(2000))), "this is not a tar archive");
        yield return Case("lz4", [0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7, 1, 2, 3], "it is compressed with lz4");
        yield return Case("cut in xz", PackedFile.Read("crc64.xz")[..^9], "truncated xz stream");
        yield return Case("cut in bzip2", PackedFile.Read("one.bz2")[..^9], "truncated bzip2 stream");
        yield return Case("cut in lzip", PackedFile.Read("one.lz")[..^9], "truncated lzip stream");
        yield return Case("cut in compress", PackedFile.Read("b16.Z")[..1200], "unexpected end");
        yield return Case("cut in a header", ArchiveBuilder.Docker(s_image, "one")[..700], "unexpected end");
        yield return Case("cut in a layer", ArchiveBuilder.Docker(s_image, "one")[..1500], "unexpected end");
        yield return Case("cut between two entries", new TarBuilder().File("etc/motd", "x").File("etc/issue", "y").BuildOpen()[..1024], "it is truncated");
        yield return Case("cut in gzip", Gzip(ArchiveBuilder.Docker(s_image, "one"))[..^9], "truncated gzip stream");
        yield return Case("zero block in between", [.. new TarBuilder().File("a").BuildOpen(), .. new byte[512], .. new TarBuilder().File("b").Build()], "a zero block");
        yield return Case("layer path that leads out", Docker(static _ => { }, "../../x"), "leads out of the archive");
        yield return Case("absolute layer path", Docker(static _ => { }, "/etc/passwd"), "leads out of the archive");
        yield return Case("layer that is not there", Docker(static _ => { }, "x/layer.tar"), "it has no file 'x/layer.tar'");
        yield return Case("config path that leads out", new TarBuilder().File("manifest.json", Manifest("../../etc/passwd", [], [])).Build(), "leads out of the archive");
        yield return Case("layer link that leads out", Docker(static tar => tar.Link("x/layer.tar", "../../../etc/passwd"), "x/layer.tar"), "which leads out of the archive");
        yield return Case("layer link to an absolute path", Docker(static tar => tar.Link("x/layer.tar", "/etc/passwd"), "x/layer.tar"), "which leads out of the archive");
        yield return Case("links in a circle", Docker(static tar => tar.Link("x", "y").Link("y", "x"), "x"), "leads through more than 8 others");
        yield return Case("hard link that leads out", Docker(static tar => tar.Hard("x", "../etc/passwd"), "x"), "which leads out of the archive");
        yield return Case("layer twice", Docker(static tar => tar.Entry('0', "x", s_image.Archives[0], new()).File("x", "other"), "x"), "stands there twice");
        yield return Case("manifest twice", [.. new TarBuilder().File("manifest.json", "[]").File("manifest.json", "[]").Build()], "stands there twice");
        yield return Case("wrong layer", Docker(static tar => tar.Entry('0', "x", new TarBuilder().File("evil").Build(), new()), "x"), "cannot verify layer");
        yield return Case("device as layer", Docker(static tar => tar.Device('3', "x", 1, 3), "x"), "it has no file 'x'");
        yield return Case("config of another digest", Docker(static tar => tar.Entry('0', "x", s_image.Archives[0], new()), "x", new string('a', 64) + ".json"), "does not match its digest");
        yield return Case("layers missing", new TarBuilder().Entry('0', s_config, s_image.Content.ConfigBytes.ToArray(), new()).File("manifest.json", Manifest(s_config, [], [])).Build(), "manifest.json has 0 layers, the image config 1");
        yield return Case("manifest.json that is no array", new TarBuilder().File("manifest.json", "{}").Build(), "is not a JSON array");
        yield return Case("manifest.json cut", new TarBuilder().File("manifest.json", "[{").Build(), "is not valid JSON");
        yield return Case("manifest.json too deep", new TarBuilder().File("manifest.json", new string('[', 10_000)).Build(), "");
        yield return Case("manifest.json without images", new TarBuilder().File("manifest.json", "[]").Build(), "there is no image in it");
        yield return Case("huge manifest.json", new TarBuilder().File("manifest.json", new string(' ', 9 << 20)).Build(), "larger than the limit of 8 MiB");
        yield return Case("layout of another version", Layout(("oci-layout", """{"imageLayoutVersion":"2.0"}"""u8.ToArray())), "of version '2.0'");
        yield return Case("huge index.json", Layout(("index.json", new byte[9 << 20])), "larger than the limit of 8 MiB");
        yield return Case("index.json that is a manifest", Layout(("index.json", s_image.Content.ManifestBytes.ToArray())), "its index.json is the manifest of one image");
        yield return Case("digest that leads out", Layout(("index.json", Encoding.UTF8.GetBytes(Index(Line(MediaTypes.OciManifest, "sha256:../../../etc/passwd", 10))))), "which is not a digest");
        yield return Case("blob missing", Layout((s_layerBlob, null)), "it has no file 'blobs/sha256/");
        yield return Case("blob of another length", Layout((s_layerBlob, [.. s_image.Blobs.Values.First(), 0])), "bytes instead of");
        yield return Case("blob of the same length", Layout((s_layerBlob, new byte[s_image.Blobs.Values.First().Length])), "cannot ");
        yield return Case("manifest of another digest", Layout(($"blobs/sha256/{s_image.Content.Digest.Hex}", new byte[s_image.Content.ManifestBytes.Length])), "the manifest does not match its digest");
        yield return Case("nothing for this machine", Layout(("index.json", Encoding.UTF8.GetBytes(Index(Line(s_image, "platform=linux/s390x"), Line(MediaTypes.OciManifest, "sha256:" + new string('0', 64), 3, "platform=linux/mips"))))), "only for linux/s390x");
        yield return Case("layout without its index", Layout(("index.json", null)), "it has no file 'index.json'");
        yield return Case("index of another type", Layout(("index.json", Encoding.UTF8.GetBytes(Index(Line("application/vnd.acme.thing+json", s_image.Content.Digest.ToString(), s_image.Content.ManifestBytes.Length))))), "not a container image: type 'application/vnd.acme.thing+json'");
        yield return Case("Docker before 1.10", new TarBuilder().File("repositories", "{}").File("x/json", "{}").Entry('0', "x/layer.tar", s_image.Archives[0], new()).Build(), "it is an archive of Docker before 1.10, which is not supported");
        yield return Case("Docker archive one directory too deep", Deep("image/", ArchiveBuilder.DockerFiles(s_image, "one")), "one directory too deep: its manifest.json is in 'image/'");
        yield return Case("Docker archive two names too deep", Deep("./image/", ArchiveBuilder.DockerFiles(s_image, "one")), "one directory too deep: its manifest.json is in 'image/'");
        yield return Case("layout one directory too deep, in gzip", Gzip(Deep("my layout/", Oci(s_image))), "one directory too deep: its index.json is in 'my layout/'");
        yield return Case("layout one directory too deep, without its mark", Deep("x/", Oci(s_image).Skip(1)), "one directory too deep: its index.json is in 'x/'");
        yield return Case("layout without its mark", Tar(Oci(s_image).Skip(1)), "it is an OCI layout without its file 'oci-layout'");
        yield return Case("two images of one name", DockerOfTwo(), "two of its images have the name 'one:latest'");
        yield return Case("tree that leads out is confined, its whiteout malformed", new TarBuilder().File("../../pwned").File(".wh.").Build(), "whiteout");
    }

    [TestCaseSource(nameof(Archives))]
    public void Archive_IsRefused_AndLeavesNothing(byte[] bytes, string message)
    {
        var before = Directory.GetFileSystemEntries(_world.Base).Length;
        foreach (var fromFile in (bool[])[true, false])
        {
            var path = fromFile ? _world.Put("x.tar", bytes) : "-";
            var refusal = Assert.Catch<OrcaException>(() => _world.Load(path, request => request with { Input = new MemoryStream(bytes) }))!;
            Assert.That(refusal.Message, Does.Contain(message).And.StartWith("cannot ").And.Not.Contain("\n"));
        }

        Assert.That(_world.Images.List(), Is.Empty);
        Assert.That(_world.Staged, Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(_world.Base), Has.Length.LessThanOrEqualTo(before + 2), "the archive itself and the store");
    }

    [Test]
    public void SymbolicLinkAsBlob_IsRefused([Values] bool inDirectory)
    {
        var files = Oci(s_image, "org.opencontainers.image.ref.name=1");
        string path;
        if (inDirectory)
        {
            path = _world.PutLayout("layout", files);
            File.Move(Path.Combine(path, s_layerBlob), Path.Combine(_world.Base, "elsewhere"));
            File.CreateSymbolicLink(Path.Combine(path, s_layerBlob), Path.Combine(_world.Base, "elsewhere"));
        }
        else
        {
            var tar = new TarBuilder();
            foreach (var (name, content) in files)
            {
                _ = name == s_layerBlob ? tar.Entry('0', "blobs/sha256/x", content, new()).Link(name, "x") : tar.Entry('0', name, content, new());
            }

            path = _world.Put("x.tar", tar.Build());
        }

        Assert.That(() => _world.Load(path), Throws.TypeOf<ContentException>().With.Message.Contains("symbolic link"));
        Assert.That(_world.Images.List(), Is.Empty);
    }

    [Test]
    public void FifoAsBlob_DoesNotBlock()
    {
        var path = _world.PutLayout("layout", Oci(s_image));
        File.Delete(Path.Combine(path, s_layerBlob));
        Assert.That(Orca.Core.Linux.FileSystem.TryMakeFifo(null, Orca.Core.Linux.PathZ.From(Path.Combine(path, s_layerBlob)), 0x1A4), Is.EqualTo(Orca.Core.Linux.Errno.None));
        Assert.That(() => _world.Load(path), Throws.TypeOf<ContentException>().With.Message.Contains("is not a regular file"));
    }

    [Test]
    public void Directory_ThatIsAnUnpackedImage_IsNotATree([Values] bool isDocker, [Values] bool isDeep)
    {
        var files = isDocker ? DockerFiles(s_image, "one") : Oci(s_image).Skip(isDeep ? 0 : 1);
        var path = _world.PutLayout(isDeep ? "around/image" : "image", files);
        var refusal = Assert.Throws<ContentException>(() => _world.Load(isDeep ? Path.GetDirectoryName(path)! : path))!;
        Assert.That(refusal.Message, Does.Contain(isDeep ? "one directory too deep" : isDocker ? "an unpacked archive of Docker" : "without its file 'oci-layout'"));
        Assert.That(refusal.Hint, Does.Contain(isDocker ? $"tar -cf - -C {path} . | orca load -" : $"orca load {path}"));
        Assert.That(_world.Images.List(), Is.Empty);
    }

    /// <summary>A program's own manifest.json, or a tree in a directory, is nothing that could be loaded.</summary>
    [Test]
    public void Tree_ThatLooksLikeAnImage_IsATree([Values] bool isDirectory)
    {
        List<(string, byte[])> files = [("app/manifest.json", "[]"u8.ToArray()), ("app/index.json", "{}"u8.ToArray()), ("app/lib/x", [1])];
        var path = isDirectory ? _world.PutLayout("tree", files) : _world.Put("tree.tar", Tar(files));
        Assert.That(_world.Load(path), Has.Length.EqualTo(1));
        Assert.That(File.Exists(Path.Combine(_world.Rootfs(_world.Images.List()[0]), "app/manifest.json")), Is.True);
    }

    private static byte[] Deep(string folder, IEnumerable<(string Name, byte[] Content)> files) =>
        [.. new TarBuilder().Dir(folder).BuildOpen(), .. Tar(files.Select(file => (folder + file.Name, file.Content)))];

    [TestCase("docker-archive:", "it has no manifest.json")]
    [TestCase("oci-archive:", "it is not an OCI archive")]
    [TestCase("oci:", "it is not a directory")]
    public void WrongPrefix_IsRefused(string prefix, string message)
    {
        var path = _world.Put("x.tar", new TarBuilder().File("etc/motd").Build());
        Assert.That(() => _world.Load(prefix + path), Throws.TypeOf<ContentException>().With.Message.Contains(message));
    }

    [Test]
    public void MissingFile_IsSaid() =>
        Assert.That(() => _world.Load("/nonexistent/x.tar"), Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot load '/nonexistent/x.tar': there is no such file"));

    [Test]
    public void Cancelled_LeavesNothing()
    {
        var path = _world.Put("x.tar", Gzip(ArchiveBuilder.Docker(s_image, "one")));
        var request = new LoadRequest { Location = Orca.Core.References.ImageLocation.Parse(path) };
        Assert.That(() => _world.Loader.LoadAsync(request, null, new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((_world.Images.List().Count, _world.Staged.Length), Is.EqualTo((0, 0)));
    }

    [Test]
    public void NamedPipe_ThatNobodyWritesTo_IsLeftWhenCancelled()
    {
        using var source = new CancellationTokenSource();
        var load = _world.Loader.LoadAsync(new LoadRequest { Location = Orca.Core.References.ImageLocation.Parse(Pipe()) }, null, source.Token);
        source.Cancel();
        Assert.That(async () => await load.WaitAsync(TimeSpan.FromSeconds(10)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void NamedPipe_IsReadToItsEnd()
    {
        var path = Pipe();
        var writer = Task.Run(() => File.WriteAllBytes(path, ArchiveBuilder.Docker(s_image, "one")));
        Assert.That(_world.Load(path), Has.Length.EqualTo(1));
        writer.Wait();
    }

    private string Pipe()
    {
        var path = Path.Combine(_world.Base, "pipe");
        Assert.That(Orca.Core.Linux.FileSystem.TryMakeFifo(null, Orca.Core.Linux.PathZ.From(path), 0x1A4), Is.EqualTo(Orca.Core.Linux.Errno.None));
        return path;
    }

    /// <summary>A layout with some of its files replaced, or left out.</summary>
    private static byte[] Layout(params (string Name, byte[]? Content)[] changed)
    {
        var files = Oci(s_image, "org.opencontainers.image.ref.name=1").Where(file => !changed.Any(one => one.Name == file.Name));
        return Tar(files.Concat(changed.Where(one => one.Content is not null).Select(one => (one.Name, one.Content!))));
    }

    private static byte[] DockerOfTwo()
    {
        var other = TestImage.Small("other");
        var config = $"{other.Content.Manifest.Config.Digest.Hex}.json";
        return new TarBuilder().Entry('0', s_config, s_image.Content.ConfigBytes.ToArray(), new()).Entry('0', config, other.Content.ConfigBytes.ToArray(), new())
            .Entry('0', "a", s_image.Archives[0], new()).Entry('0', "b", other.Archives[0], new())
            .File("manifest.json", Manifest(s_config, ["one"], ["a"])[..^1] + "," + Manifest(config, ["one"], ["b"])[1..]).Build();
    }
}
