using System.Diagnostics;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Registry;
using Orca.Registry.Archives;
using Orca.Registry.Layers;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Archives;

/// <summary>Images made of containers: the layer of changes, and the image that has it.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ContainerCommitterTests : IDisposable
{
    private static readonly ImageReference s_name = ImageReference.Parse("two:1");
    private readonly LoadFixture _world = new();

    public void Dispose() => _world.Dispose();

    [Test]
    public void Changes_BecomeOneLayer_WithWhiteoutsAndOpaqueDirectories()
    {
        var image = Base();
        Change(image);
        using var output = new MemoryStream();
        var committed = Commit(image);
        Assert.That(committed.Config.DiffIds, Has.Count.EqualTo(3).And.SupersetOf(image.Config.DiffIds), "the layers below are the image's");
        Assert.That(Names(committed), Is.EqualTo(["dir", "dir/new", "etc", "etc/kept", "etc/new", "file"]));
        Assert.That(File.ReadAllText(Path.Combine(_world.Rootfs(committed), "etc/kept")), Is.EqualTo("changed"));

        _world.Writer.Export("work", output, default);
        using var saved = new MemoryStream();
        _world.Writer.Save([new SavedImage(committed, [])], ArchiveFormat.OciArchive, saved, default);
        var tree = Layer(saved.ToArray());
        Assert.That(tree, Is.EqualTo(output.ToArray()), "the image's tree is what the container sees, to the byte");
    }

    /// <summary>What orca itself reads as one tree, other tools read as layers.</summary>
    [Test]
    public void Layer_HasWhatOtherToolsExpect()
    {
        var image = Base();
        Change(image);
        Assert.That(Entries(), Is.EqualTo([
            "Directory ./", "Directory dir/", "File dir/.wh..wh..opq", "File dir/new", "Directory etc/", "File etc/.wh.gone", "File etc/kept", "File etc/new", "File file"]));
    }

    [Test]
    public void Files_OfTheLayersBelow_AreStoredOnce()
    {
        var image = Base();
        Change(image);
        var committed = Commit(image);
        Assert.That(Shell($"stat -c %i '{_world.Rootfs(committed)}/file' '{_world.Rootfs(image)}/file' | sort -u | wc -l"), Is.EqualTo("2"), "it was replaced");
        Assert.That(Shell($"cmp '{_world.Rootfs(image)}/etc/gone' /dev/null; echo $?"), Is.EqualTo("1"), "the image below is as it was");
        var plain = new LoadFixture();
        using (plain)
        {
            var other = plain.Add(TestImage.Of(new TarBuilder().File("large", new string('x', 5000)).Build()), "one:1");
            using (plain.Containers.Create(other, Record(other)))
            {
            }

            var next = Commit(other, plain);
            Assert.That(Shell($"stat -c %i '{plain.Rootfs(next)}/large' '{plain.Rootfs(other)}/large' | sort -u | wc -l"), Is.EqualTo("1"));
        }
    }

    /// <summary>Without records of its layers an image can be linked from no more: its tree becomes the layer below.</summary>
    [Test]
    public void ImageWithoutRecordsOfItsLayers_BecomesOneLayer()
    {
        var image = Base();
        Change(image);
        Directory.Delete(Path.Combine(_world.Rootfs(image), "../layers"), recursive: true);
        var committed = Commit(image);
        Assert.That(committed.Config.DiffIds, Has.Count.EqualTo(2));
        Assert.That(Names(committed), Is.EqualTo(["dir", "dir/new", "etc", "etc/kept", "etc/new", "file"]));
    }

    [Test]
    public void Copy_OfAHostWithoutOverlay_IsCommittedAsTheContainerSeesIt()
    {
        var image = Base();
        using (var container = _world.Containers.Create(image, Record(image)))
        {
            container.MaterializeCopy();
            var copy = Path.Combine(_world.Root.Path, container.Root.Copy ?? "containers/work/rootfs");
            Shell($"cd '{copy}' && rm -r etc/gone dir && echo x > more");
        }

        Assert.That(Names(Commit(image)), Is.EqualTo(["etc", "etc/kept", "file", "more"]));
    }

    [Test]
    public void Config_RunsAsTheContainerDoes_AndTellsItsHistory()
    {
        var image = Base();
        var process = new ProcessOptions { Command = ["serve", "-v"], Env = ["A=b"], User = "nobody", WorkingDirectory = "/dir", StopSignal = Signal.TryParse("INT", out var signal) ? signal : null };
        using (_world.Containers.Create(image, Record(image) with { Options = new RunOptions { Process = process } }))
        {
        }

        var committed = Commit(image, request: static request => request with
        {
            Message = "why",
            Author = "me",
            Changes = new ImageConfig { Platform = Platform.Current, DiffIds = [], Env = ["A=c", "D=e"], WorkingDir = "/etc" },
        });
        var config = committed.Config;
        Assert.That((config.Cmd, config.User, config.WorkingDir, config.StopSignal), Is.EqualTo((new[] { "serve", "-v" }, "nobody", "/etc", "SIGINT")));
        Assert.That(config.Env, Is.SupersetOf(new[] { "A=c", "D=e" }).And.None.EqualTo("A=b"));
        var steps = new ImageHistory(_world.Root).Read(committed);
        Assert.That(steps.Select(static step => (step.CreatedBy, step.Comment)), Is.EqualTo([("orca commit work", "why"), ("", ""), ("", "")]));
        Assert.That(steps.Select(static step => step.Size), Is.EqualTo(new long[] { 0, 5, 15 }));
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_world.Rootfs(committed), "../config.json")));
        Assert.That(json.RootElement.GetProperty("author").GetString(), Is.EqualTo("me"));
    }

    [Test]
    public void Refused_BeforeAnythingIsWritten()
    {
        var image = Base();
        var record = Record(image);
        using (_world.Containers.Create(image, record with { Options = record.Options with { Security = new SecurityOptions { UserNamespace = UserNamespaceMode.SubIds } } }))
        {
        }

        Assert.That(() => Commit(image), Throws.TypeOf<StoreException>().With.Message.Contains("made with '--userns=subids'").And.Property("Hint").Contains("orca export work | orca import - two:1"));
        Assert.That(() => Commit(image, request: static request => request with { Container = "other" }), Throws.TypeOf<StoreException>().With.Message.Contains("no such container"));
        Assert.That(() => Commit(image, request: static request => request with { Name = ImageReference.Parse("x@sha256:" + new string('0', 64)) }), Throws.TypeOf<ReferenceException>());
        Assert.That(_world.Staged, Is.Empty);
    }

    private StoredImage Base() => _world.Add(
        TestImage.Of(
            new TarBuilder().Dir("etc").File("etc/kept", "12345").File("etc/gone", "12345").Dir("dir").File("dir/old", "12345").Build(),
            new TarBuilder().File("file", "12345").Build()),
        "one:1");

    /// <summary>A container that has added, changed, deleted and made anew.</summary>
    private void Change(StoredImage image)
    {
        using var container = _world.Containers.Create(image, Record(image));
        var upper = Path.Combine(_world.Root.Path, container.Root.Upper!);
        Shell($"cd '{upper}' && umask 022 && mkdir etc dir && echo new > etc/new && printf changed > etc/kept && mknod etc/gone c 0 0 && echo other > file && echo new > dir/new");
        using var directory = FileSystem.OpenDirectory(null, PathZ.From(Path.Combine(upper, "dir")));
        Assert.That(FileSystem.TrySetXattr(directory, PathZ.From("user.overlay.opaque"), "y"u8), Is.EqualTo(Errno.None));
    }

    private StoredImage Commit(StoredImage image, LoadFixture? world = null, Func<CommitRequest, CommitRequest>? request = null)
    {
        var asked = new CommitRequest { Container = "work", Name = s_name };
        world ??= _world;
        var committed = new ContainerCommitter(world.Root, world.Images, TimeProvider.System, ImageLimits.Default).Commit(request?.Invoke(asked) ?? asked, default);
        Assert.That(world.Staged, Is.Empty);
        Assert.That(world.Images.Find(s_name)?.Digest, Is.EqualTo(committed.Digest).And.Not.EqualTo(image.Digest));
        return committed;
    }

    /// <summary>The entries of the layer of changes, in its order.</summary>
    private List<string> Entries()
    {
        var image = _world.Images.Find(ImageReference.Parse("one:1"))!;
        var root = _world.Root.Open();
        using var view = ContainerView.Open(_world.Root, "work", RememberedOwners.MaxTable);
        using var layer = new TreeTarStream(() => ArchiveWriter.OpenTree(root, view, root, image, TreeOwners.OfStore(OwnerLookup.Empty), onlyChanges: true));
        var lines = new List<string>();
        using var tar = new TarReader(layer, new LayerBudget(LayerLimits.Default), 1);
        while (tar.Next())
        {
            lines.Add($"{tar.Entry.Kind} {Encoding.UTF8.GetString(tar.Entry.Name)}");
            while (!tar.ReadData().IsEmpty)
            {
            }
        }

        return lines;
    }

    /// <summary>The one layer of a saved image.</summary>
    private static byte[] Layer(byte[] archive)
    {
        using var tar = new TarReader(new MemoryStream(archive), new LayerBudget(LayerLimits.Default), 1);
        while (tar.Next())
        {
            var content = new List<byte>();
            for (var piece = tar.ReadData(); !piece.IsEmpty; piece = tar.ReadData())
            {
                content.AddRange(piece);
            }

            if (Encoding.UTF8.GetString(tar.Entry.Name).StartsWith("blobs/sha256/", StringComparison.Ordinal) && content.Count > 0 && content[0] != '{')
            {
                return [.. content];
            }
        }

        throw new InvalidOperationException("no layer");
    }

    private string[] Names(StoredImage image) => [.. Directory.EnumerateFileSystemEntries(_world.Rootfs(image), "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_world.Rootfs(image), path)).Order(StringComparer.Ordinal)];

    private static ContainerRecord Record(StoredImage image) =>
        new() { Name = "work", Image = ImageReference.Parse("one:1"), ImageDigest = image.Digest, Created = DateTimeOffset.UnixEpoch, Options = new RunOptions() };

    private static string Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var text = shell.StandardOutput.ReadToEnd().Trim();
        shell.WaitForExit();
        return text;
    }
}
