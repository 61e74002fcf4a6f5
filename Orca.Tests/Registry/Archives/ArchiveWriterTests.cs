using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Archives;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Archives;

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ArchiveWriterTests : IDisposable
{
    private static readonly ImageReference s_name = ImageReference.Parse("one:1");
    private readonly LoadFixture _world = new();

    public void Dispose() => _world.Dispose();

    /// <summary>All that an image can hold and the disk of an ordinary user cannot.</summary>
    private static byte[] Odd() => new TarBuilder()
        .Dir("./", 0x1C0)
        .Dir("etc/", 0x1ED, new HeaderFields { Uid = TarBuilder.Octal(7, 8), Gid = TarBuilder.Octal(8, 8) })
        .Dir("etc/locked/", 0)
        .File("etc/locked/shadow", "secret", 0, new HeaderFields { Uid = TarBuilder.Octal(0, 8), Gid = TarBuilder.Octal(42, 8) })
        .File("bin-su", "x", 0x9ED)
        .Hard("bin/su", "bin-su")
        .Link("etc/mtab", "/proc/mounts", new HeaderFields { Uid = TarBuilder.Octal(9, 8) })
        .Fifo("run/pipe", 0x180)
        .Device('3', "dev/null", 1, 3)
        .Device('4', "dev/sda", 8, 0)
        .Xattr("user.note", [0, 10, 0xFF]).File("noted", "n")
        .Xattr("security.capability", Convert.FromHexString("0100000200200000000000000000000000000000")).File("ping", "x", 0x1ED)
        .Pax(("mtime", "1700000000.123456789")).File("precise", "p")
        .File(new string('d', 90) + "/" + new string('f', 90), "long")
        .Build();

    private static readonly string[] s_entries =
    [
        "Directory . 700 0:0", "Directory bin 755 0:0", "File bin/su 4755 0:0", "HardLink bin-su 4755 0:0 bin/su", "Directory dev 755 0:0",
        "CharDevice dev/null 644 0:0 1:3", "BlockDevice dev/sda 644 0:0 8:0", "Directory etc 755 7:8", "Directory etc/locked 0 0:0",
        "File etc/locked/shadow 0 0:42", "SymbolicLink etc/mtab 777 9:0 /proc/mounts", "File noted 644 0:0 user.note=000AFF", "File ping 755 0:0 security.capability=0100000200200000000000000000000000000000",
        "File precise 644 0:0 @123456789",
        "Directory run 755 0:0", "Fifo run/pipe 600 0:0",
    ];

    [Test]
    public void Layer_TellsOwnersModesAndDevices_AsTheImageHadThem([Values] ArchiveFormat format)
    {
        var archive = Save(format, _world.Add(TestImage.Of(Odd()), "one:1"));
        var layer = Files(archive).Single(file => file.Name.EndsWith("layer.tar", StringComparison.Ordinal) || (file.Name.StartsWith("blobs/", StringComparison.Ordinal) && file.Content[0] != '{')).Content;
        Assert.That(Entries(layer).Where(line => !line.Contains("ddd", StringComparison.Ordinal)).Order(StringComparer.Ordinal), Is.EqualTo(s_entries.Order(StringComparer.Ordinal)));
    }

    /// <summary>A user may not set them: on the disk there are none.</summary>
    [Test]
    public void Capabilities_ThatTheDiskDoesNotHave_AreWrittenAsTheImageHadThem([Values] ArchiveFormat format)
    {
        var image = _world.Add(TestImage.Of(Odd()), "one:1");
        var asRoot = Save(format, image);
        using (var file = FileSystem.Open(null, PathZ.From(Path.Combine(_world.Rootfs(image), "ping")), Tmds.Linux.LibC.O_RDONLY))
        {
            _ = FileSystem.TryRemoveXattr(file, PathZ.From("security.capability"));
            Assert.That(FileSystem.GetXattr(file, PathZ.From("security.capability")), Is.Null);
        }

        Assert.That(Save(format, image), Is.EqualTo(asRoot));
    }

    /// <summary>Read as a layer it would remove another file; a tree that has one cannot be a layer.</summary>
    [Test]
    public void NameOfAWhiteout_IsNotWritten([Values(".wh.x", ".wh.", ".wh..wh..opq", "etc/.wh..wh.x")] string name, [Values] bool isDirectory)
    {
        var image = _world.Add(TestImage.Of(new TarBuilder().Dir("etc").File("x").Build()), "one:1");
        var path = Path.Combine(_world.Rootfs(image), name);
        _ = isDirectory ? Directory.CreateDirectory(path).Name : _world.Put(path, [1]);
        Assert.That(() => Save(ArchiveFormat.DockerArchive, image), Throws.TypeOf<StoreException>().With.Message.Contains($"cannot write '{name}'"));
        Assert.That(() => _world.Load(_world.Rootfs(image)), Throws.InstanceOf<OrcaException>().With.Message.Contains($"cannot write '{name}'"), "import DIR");
    }

    [Test]
    public void SavedImage_IsLoadedAsItWas([Values] ArchiveFormat format)
    {
        var image = _world.Add(TestImage.Of(Odd()), "one:1");
        var before = (TreeListing.Read(_world.Rootfs(image)), File.ReadAllBytes(Path.Combine(_world.Rootfs(image), "../owners")));
        var path = _world.Put("x.tar", Save(format, image));
        using var other = new LoadFixture();
        var loaded = other.Load(path).Single();
        Assert.That(loaded.Names, Is.EqualTo([s_name]));
        Assert.That(TreeListing.Read(other.Rootfs(loaded.Image)), Is.EqualTo(before.Item1));
        Assert.That(File.ReadAllBytes(Path.Combine(other.Rootfs(loaded.Image), "../owners")), Is.EqualTo(before.Item2));
        Assert.That((loaded.Image.Config.Cmd, loaded.Image.Config.Env), Is.EqualTo((image.Config.Cmd, image.Config.Env)));

        Assert.That(Save(format, loaded.Image, other), Is.EqualTo(File.ReadAllBytes(path)), "the same tree gives the same bytes, from another store too");
    }

    [Test]
    public void BothFormats_AreTheSameImage()
    {
        var image = _world.Add(TestImage.Of(Odd()), "one:1");
        var docker = _world.Put("d.tar", Save(ArchiveFormat.DockerArchive, image));
        var oci = _world.Put("o.tar", Save(ArchiveFormat.OciArchive, image));
        using var other = new LoadFixture();
        Assert.That(other.Load(docker).Single().Image.Digest, Is.EqualTo(other.Load(oci).Single().Image.Digest));
    }

    [Test]
    public void ImagesThatShareATree_ShareItsLayer()
    {
        var one = _world.Add(TestImage.Of(new TarBuilder().File("a", "1").Build()), "one:1");
        var two = _world.Add(TestImage.Of(new TarBuilder().File("a", "0").Build(), new TarBuilder().File("a", "1").Build()), "two:1");
        using var output = new MemoryStream();
        _world.Writer.Save([new SavedImage(one, [s_name]), new SavedImage(two, [])], ArchiveFormat.DockerArchive, output, CancellationToken.None);
        Assert.That(Files(output.ToArray()).Count(file => file.Name.EndsWith("/layer.tar", StringComparison.Ordinal)), Is.EqualTo(1));
        using var other = new LoadFixture();
        Assert.That(other.Load(_world.Put("x.tar", output.ToArray())).Select(image => image.Names[0].Familiar.Split('@')[0]), Is.EqualTo(["one:1", "localhost/x"]));
    }

    [Test]
    public void Config_KeepsWhatItDoesNotKnow_AndTellsOneLayer()
    {
        var config = """{"Rootfs":{"type":"layers","diff_ids":[]},"created":"2020-01-01T00:00:00Z","config":{"Labels":{"a" : "b"},"Healthcheck":{"Test":["NONE"]}},"os":"linux","history":[{},{}],"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();
        var digest = TestImage.DigestOf([1]);
        using var json = JsonDocument.Parse(ConfigRewriter.Rewrite(config, digest, "cannot save"));
        var root = json.RootElement;
        Assert.That(root.EnumerateObject().Select(field => field.Name), Is.EqualTo(["created", "config", "os", "rootfs", "history"]));
        Assert.That(root.GetProperty("config").GetRawText(), Is.EqualTo("""{"Labels":{"a" : "b"},"Healthcheck":{"Test":["NONE"]}}"""));
        Assert.That(root.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString(), Is.EqualTo(digest.ToString()));
        Assert.That(root.GetProperty("history").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public void Export_ShowsWhatTheContainerSees()
    {
        var image = _world.Add(TestImage.Of(Odd()), "one:1");
        using (var container = _world.Containers.Create(image, Record(image)))
        {
            var upper = Path.Combine(_world.Root.Path, container.Root.Upper!);
            Directory.CreateDirectory(Path.Combine(upper, "etc"));
            File.SetUnixFileMode(Path.Combine(upper, "etc"), (UnixFileMode)0x1ED);
            File.WriteAllText(Path.Combine(upper, "etc/new"), "new");
            File.SetUnixFileMode(Path.Combine(upper, "etc/new"), (UnixFileMode)0x1A4);
            Directory.CreateDirectory(Path.Combine(upper, "run"));
            File.SetUnixFileMode(Path.Combine(upper, "run"), (UnixFileMode)0x1ED);
            using (var run = FileSystem.OpenDirectory(null, PathZ.From(Path.Combine(upper, "run"))))
            {
                Assert.That(FileSystem.TrySetXattr(run, PathZ.From("user.overlay.opaque"), "y"u8), Is.EqualTo(Errno.None));
            }

            using var output = new MemoryStream();
            _world.Writer.Export("work", output, CancellationToken.None);
            var expected = s_entries.Where(line => !line.Contains("run/pipe", StringComparison.Ordinal)).Append("File etc/new 644 7:8").Order(StringComparer.Ordinal);
            Assert.That(Entries(output.ToArray()).Where(line => !line.Contains("ddd", StringComparison.Ordinal)).Order(StringComparer.Ordinal), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Export_OfManyIds_TellsTheOwnersOfChanges_ToRootAlone()
    {
        var image = _world.Add(TestImage.Of(Odd()), "one:1");
        var record = Record(image);
        using (var container = _world.Containers.Create(image, record with { Options = record.Options with { Security = new SecurityOptions { UserNamespace = UserNamespaceMode.SubIds } } }))
        {
            File.WriteAllText(Path.Combine(_world.Root.Path, container.Root.Upper!, "new"), "new");
            File.SetUnixFileMode(Path.Combine(_world.Root.Path, container.Root.Upper!, "new"), (UnixFileMode)0x1A4);
            using var output = new MemoryStream();
            if (!Environment.IsPrivilegedProcess)
            {
                Assert.That(() => _world.Writer.Export("work", output, default), Throws.TypeOf<StoreException>().With.Message.Contains("made with '--userns=subids'").And.Property("Hint").Not.Null);
                Assert.That(output.Length, Is.Zero);
                return;
            }

            using (var chown = System.Diagnostics.Process.Start("chown", ["1234:77", Path.Combine(_world.Root.Path, container.Root.Upper!, "new")]))
            {
                chown.WaitForExit();
            }

            _world.Writer.Export("work", output, default);
            Assert.That(Entries(output.ToArray()).Where(line => !line.Contains("ddd", StringComparison.Ordinal)), Is.SupersetOf(s_entries.Append("File new 644 1234:77")));
        }
    }

    [Test]
    public void Export_OfACopy_AndOfNothing()
    {
        var image = _world.Add(TestImage.Small(), "one:1");
        using (var container = _world.Containers.Create(image, Record(image)))
        {
            container.MaterializeCopy();
        }

        using var output = new MemoryStream();
        _world.Writer.Export("work", output, CancellationToken.None);
        Assert.That(Entries(output.ToArray()), Is.EqualTo(["Directory . 755 0:0", "Directory etc 755 0:0", "File etc/motd 644 0:0", "File etc/passwd 644 0:0"]));
        Assert.That(() => _world.Writer.Export("nothing", output, CancellationToken.None), Throws.TypeOf<StoreException>().With.Message.Contains("there is none of that name"));
        Assert.That(() => _world.Writer.Export("../x", output, CancellationToken.None), Throws.TypeOf<StoreException>());
    }

    /// <summary>Row I19: a deep tree is written with few descriptors and no recursion.</summary>
    [Test]
    [Category("Sweep")]
    public void DeepTree_IsSaved()
    {
        var tar = new TarBuilder();
        for (var depth = 100; depth <= 3000; depth += 100)
        {
            tar.Pax(("path", string.Concat(Enumerable.Repeat("d/", depth)) + "f")).File("f", "x");
        }

        var layer = Files(Save(ArchiveFormat.DockerArchive, _world.Add(TestImage.Of(tar.Build()), "one:1"))).Single(file => file.Name.EndsWith("/layer.tar", StringComparison.Ordinal)).Content;
        Assert.That(Entries(layer), Has.Count.EqualTo(1 + 3000 + 30));
    }

    [Test]
    public void OwnerTable_Damaged_IsRefused([Values("100644 0 0 -", "100644 0 0 - x", "x 0 0 - p\0", "100644 -1 0 - p\0", "100644 99999999999 0 - p\0", "100644 0 0 =0100 p\0", "100644 0 0 =xyz p\0", "20644 0 0 1: p\0")] string table) =>
        Assert.That(() => new OwnerLookup(Encoding.ASCII.GetBytes(table)), Throws.TypeOf<StoreException>());

    private static ContainerRecord Record(StoredImage image) => new() { Name = "work", Image = s_name, ImageDigest = image.Digest, Created = DateTimeOffset.UnixEpoch, Options = new RunOptions() };

    private byte[] Save(ArchiveFormat format, StoredImage image, LoadFixture? world = null)
    {
        using var output = new MemoryStream();
        (world ?? _world).Writer.Save([new SavedImage(image, [s_name])], format, output, CancellationToken.None);
        return output.ToArray();
    }

    private static List<(string Name, byte[] Content)> Files(byte[] archive)
    {
        var files = new List<(string, byte[])>();
        using var tar = new TarReader(new MemoryStream(archive), new LayerBudget(LayerLimits.Default), 1);
        while (tar.Next())
        {
            var content = new List<byte>();
            for (var piece = tar.ReadData(); !piece.IsEmpty; piece = tar.ReadData())
            {
                content.AddRange(piece);
            }

            if (tar.Entry.Kind == EntryKind.File)
            {
                files.Add((Encoding.UTF8.GetString(tar.Entry.Name), [.. content]));
            }
        }

        return files;
    }

    private static List<string> Entries(byte[] archive)
    {
        var lines = new List<string>();
        using var tar = new TarReader(new MemoryStream(archive), new LayerBudget(LayerLimits.Default), 1);
        while (tar.Next())
        {
            var entry = tar.Entry;
            var line = new StringBuilder($"{entry.Kind} {Encoding.UTF8.GetString(entry.Name).TrimEnd('/')} {Convert.ToString(entry.Mode, 8)} {entry.Uid}:{entry.Gid}");
            line.Append(entry.Target.IsEmpty ? "" : " " + Encoding.UTF8.GetString(entry.Target));
            line.Append(entry.Kind is EntryKind.CharDevice or EntryKind.BlockDevice ? $" {entry.Device.Major}:{entry.Device.Minor}" : "");
            line.Append(entry.Modified.Nanoseconds > 0 && entry.Kind == EntryKind.File && entry.Modified.Seconds == 1_700_000_000 ? $" @{entry.Modified.Nanoseconds}" : "");
            for (var i = 0; i < entry.Xattrs.Count; i++)
            {
                line.Append($" {Encoding.ASCII.GetString(entry.Xattrs.NameZ(i)[..^1])}={Convert.ToHexString(entry.Xattrs.Value(i))}");
            }

            lines.Add(line.ToString());
        }

        return lines;
    }
}
