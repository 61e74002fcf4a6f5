using System.Buffers.Binary;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Archives;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Archives;

/// <summary>What the init of a container notes about owners, and a hostile container may write itself, becomes owners in an archive and nothing else.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RememberedOwnersTests : IDisposable
{
    private const uint Unset = uint.MaxValue, Presumed = 1;

    private readonly LoadFixture _world = new();

    public void Dispose() => _world.Dispose();

    [TestCase(1u, 2u, 0u, 0u, "1:2 -")]
    [TestCase(Unset, 2u, 0u, 0u, "4294967295:2 -")]
    [TestCase(4294967294u, 0u, Presumed, 0u, "4294967294:0 -")]
    [TestCase(0u, 0u, 0x2000u, 0x103u, "0:0 CharDevice 1:3")]
    [TestCase(0u, 0u, 0x6000u, 0xFFFFFFFFu, "0:0 BlockDevice 4095:1048575")]
    [TestCase(0u, 0u, 0x8000u, 0u, null)]
    [TestCase(0u, 0u, 0xC000u, 0u, null)]
    [TestCase(0u, 0u, 0x2002u, 0u, null)]
    [TestCase(0u, 0u, 0xFFFFFFFFu, 0u, null)]
    public void Note_OfAnyBytes_IsAnOwnerADeviceOrNothing(uint uid, uint gid, uint mode, uint device, string? expected)
    {
        var read = OwnerNote.Read(Note(uid, gid, mode, device));
        Assert.That(read is { } note ? $"{note.Uid}:{note.Gid} {(note.Device is { } node ? $"{node.Kind} {node.Major}:{node.Minor}" : "-")}" : null, Is.EqualTo(expected));
        Assert.That(new[] { 0, 1, 23, 25, 64 }.Select(static size => OwnerNote.Read(new byte[size])), Is.All.Null, "of another size");
    }

    [Test]
    public void Owner_ThatAProgramGave_IsTheOneInTheArchive() => Assert.That(
        Export(upper =>
        {
            Put(upper, "own", Note(33, 44));
            Put(upper, "group", Note(Unset, 44));
            Put(upper, "d", Note(7, 8), isDirectory: true);
            Put(upper, "d/new");
            Put(upper, "d/e", null, isDirectory: true);
            Put(upper, "d/e/new");
            Put(upper, "null", Note(Unset, Unset, 0x2000, 0x103));
            Put(upper, "d/sda", Note(0, 6, 0x6000, 0x800));
            Put(upper, "full", Note(Unset, Unset, 0x2000, 0x103), content: "x");
        }),
        Is.EqualTo([
            "Directory . 0:0", "Directory d 7:8", "Directory d/e 7:8", "File d/e/new 7:8", "File d/new 7:8", "BlockDevice d/sda 0:6 8:0", "File full 0:0", "File group 0:44",
            "CharDevice null 0:0 1:3", "File own 33:44", "Directory srv 5:6", "File srv/f 5:6", "File srv/root 0:0",
        ]));

    /// <summary>stat(2) shows all files as root's, so a copy that keeps its owner says root; but what was root's before its directory was given away stays root's.</summary>
    [Test]
    public void Root_IsPresumedToBeMeant_WhereTheDirectoryIsRoots() => Assert.That(
        Export(upper =>
        {
            Put(upper, "d", Note(7, 8, time: 100), isDirectory: true);
            Put(upper, "d/before", Note(0, 0, Presumed, time: 99));
            Put(upper, "d/later", Note(0, 0, Presumed, time: 101));
            Put(upper, "d/said", Note(0, 0, time: 101));
            Put(upper, "srv", null, isDirectory: true);
            Put(upper, "srv/f", Note(0, 0, Presumed, time: 1));
            Put(upper, "srv/new", Note(0, 0, Presumed, time: 1));
        }),
        Is.EqualTo(["Directory . 0:0", "Directory d 7:8", "File d/before 0:0", "File d/later 7:8", "File d/said 0:0", "Directory srv 5:6", "File srv/f 5:6", "File srv/new 5:6", "File srv/root 0:0"]));

    /// <summary>A link has no attributes: it is known by its inode and time of birth, under whatever name.</summary>
    [Test]
    public void Link_IsKnownByItsInodeAndBirth_AndAnotherFileIsNot()
    {
        string[] exported = Export((upper, table) =>
        {
            foreach (var name in new[] { "one", "two", "three" })
            {
                File.CreateSymbolicLink(Path.Combine(upper, name), "target");
            }

            var (one, two, three) = (Status(upper, "one"), Status(upper, "two"), Status(upper, "three"));
            table.AddRange(Line(one, Note(1, Unset)));
            table.AddRange(Line(one, Note(Unset, 2)));
            table.AddRange(Line(two with { Born = two.Born + 1 }, Note(3, 3)));
            table.AddRange(Line(three, Note(4, 4, 0x8000)));
            table.AddRange(Line(three, Note(5, 5))[..47]); // cut
            File.Move(Path.Combine(upper, "one"), Path.Combine(upper, "moved"));
        });
        if (Born == 0)
        {
            Assert.Ignore("this file system does not tell when an inode was made");
        }

        Assert.That(exported, Is.SupersetOf(new[] { "SymbolicLink moved 1:2", "SymbolicLink two 0:0", "SymbolicLink three 0:0" }));
    }

    [Test]
    public void Copy_KnowsWhatIsNewInIt()
    {
        var image = _world.Add(TestImage.Of(Image()), "one:1");
        using (var container = _world.Containers.Create(image, Record(image)))
        {
            var upper = Path.Combine(_world.Root.Path, container.Root.Upper!);
            Put(upper, "srv", null, isDirectory: true);
            Put(upper, "srv/new");
            Put(upper, "own", Note(33, 44));
            container.MaterializeCopy();
        }

        Assert.That(Export(), Is.EqualTo(["Directory . 0:0", "File own 33:44", "Directory srv 5:6", "File srv/f 5:6", "File srv/new 5:6", "File srv/root 0:0"]));
    }

    [Test]
    public void Attribute_IsNoImagesToHave()
    {
        var image = _world.Add(TestImage.Of(new TarBuilder().Xattr("user.orca.owner", Note(1, 1)).File("f", "x").Build()), "one:1");
        using var file = FileSystem.Open(null, PathZ.From(Path.Combine(_world.Rootfs(image), "f")), Tmds.Linux.LibC.O_RDONLY);
        Assert.That(FileSystem.GetXattr(file, OwnerNote.Name), Is.Null);
    }

    private static byte[] Note(uint uid, uint gid, uint mode = 0, uint device = 0, ulong time = 1)
    {
        var note = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(note, uid);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(4), gid);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), mode);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(12), device);
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(16), time);
        return note;
    }

    private ulong Born { get; set; }

    private static byte[] Line(FileStatus file, byte[] note) => [.. BitConverter.GetBytes(file.Inode), .. BitConverter.GetBytes(file.Born), .. note, .. new byte[8]];

    private FileStatus Status(string directory, string name)
    {
        using var opened = FileSystem.OpenDirectory(null, PathZ.From(directory));
        Assert.That(FileSystem.TryStatus(opened, PathZ.From(name), out var status), Is.EqualTo(Errno.None));
        Born = status.Born;
        return status;
    }

    private static void Put(string upper, string name, byte[]? note = null, bool isDirectory = false, string content = "")
    {
        var path = Path.Combine(upper, name);
        if (isDirectory)
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            File.WriteAllText(path, content);
        }

        using var file = FileSystem.Open(null, PathZ.From(path), Tmds.Linux.LibC.O_RDONLY);
        Assert.That(note is null ? Errno.None : FileSystem.TrySetXattr(file, OwnerNote.Name, note), Is.EqualTo(Errno.None));
    }

    private static byte[] Image() => new TarBuilder()
        .Dir("srv/", 0x1ED, new HeaderFields { Uid = TarBuilder.Octal(5, 8), Gid = TarBuilder.Octal(6, 8) })
        .File("srv/f", "x", 0x1A4, new HeaderFields { Uid = TarBuilder.Octal(5, 8), Gid = TarBuilder.Octal(6, 8) })
        .File("srv/root", "x")
        .Build();

    private static ContainerRecord Record(StoredImage image) =>
        new() { Name = "work", Image = ImageReference.Parse("one:1"), ImageDigest = image.Digest, Created = DateTimeOffset.UnixEpoch, Options = new RunOptions() };

    private string[] Export(Action<string> change) => Export((upper, _) => change(upper));

    private string[] Export(Action<string, List<byte>> change)
    {
        var image = _world.Add(TestImage.Of(Image()), "one:1");
        using (var container = _world.Containers.Create(image, Record(image)))
        {
            var table = new List<byte>();
            change(Path.Combine(_world.Root.Path, container.Root.Upper!), table);
            File.WriteAllBytes(Path.Combine(_world.Root.Path, container.Root.Directory, RootFileSystem.OwnersName), [.. table]);
        }

        return Export();
    }

    private string[] Export()
    {
        using var output = new MemoryStream();
        _world.Writer.Export("work", output, CancellationToken.None);
        output.Position = 0;
        var lines = new List<string>();
        using var tar = new TarReader(output, new LayerBudget(LayerLimits.Default), 1);
        while (tar.Next())
        {
            var entry = tar.Entry;
            Assert.That(entry.Xattrs.Count, Is.Zero, "the note itself stays behind");
            lines.Add($"{entry.Kind} {System.Text.Encoding.UTF8.GetString(entry.Name).TrimEnd('/')} {entry.Uid}:{entry.Gid}"
                + (entry.Kind is EntryKind.CharDevice or EntryKind.BlockDevice ? $" {entry.Device.Major}:{entry.Device.Minor}" : ""));
        }

        return [.. lines];
    }
}
