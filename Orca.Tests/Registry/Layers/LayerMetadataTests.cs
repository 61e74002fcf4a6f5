using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Store;
using Orca.Tests.EndToEnd;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.TarBuilder;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group L, metadata: times, modes, owners, devices, extended attributes.</summary>
public sealed class LayerMetadataTests
{
    private static HeaderFields At(long time) => new() { Time = Octal(time, 12) };

    [Test]
    public void Metadata_L32_DirectoryTimes_AreThoseOfTheirHeaders()
    {
        using var bench = new LayerBench();
        bench.Flatten(
            new TarBuilder().Dir(".", fields: At(1)).Dir("a", fields: At(2)).File("a/f").Dir("b", fields: At(3)).Dir("c", fields: At(4)).File("c/gone").Dir("d", fields: At(5)).Build(),
            new TarBuilder().File("a/new").File("c/.wh.gone").Hard("d/link", "a/f").Build());
        Assert.That(new[] { ".", "a", "b", "c", "d" }.Select(p => bench.Status(p).Modified.Seconds), Is.EqualTo(new long[] { 1, 2, 3, 4, 5 }));
    }

    [Test]
    public void Metadata_ImpliedDirectories_AreTheSameEveryTime()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File("a/b/f").Build(), new TarBuilder().File("a/g").Build());
        Assert.That(new[] { ".", "a", "a/b" }.Select(p => bench.Status(p).Modified), Is.All.EqualTo((0L, 0u)));
    }

    [Test]
    [NonParallelizable]
    public void Metadata_L30_Umask_DoesNotMatter([Values(0u, 0x12u, 0x17u, 0x3Fu, 0x1FFu)] uint umask)
    {
        using var bench = new LayerBench();
        var before = Native.umask(umask);
        try
        {
            bench.Flatten(new TarBuilder().File("i/f", "x", 0x1B6).File("s", "x", 0xFED).Dir("d", 0x1FF).Fifo("p", 0x1B6).Xattr("user.x", [1]).File("ro", "", 0x124).Build());
        }
        finally
        {
            _ = Native.umask(before);
        }

        Assert.That(new[] { "i", "i/f", "s", "d", "p", "ro" }.Select(p => Convert.ToString(bench.Status(p).Permissions, 8)), Is.EqualTo(new[] { "755", "666", "7755", "777", "666", "444" }));
    }

    [Test]
    public void Metadata_L29_DirectoryOverDirectory_HasOnlyTheNewAttributes()
    {
        using var bench = new LayerBench();
        bench.Flatten(
            new TarBuilder().Xattr("user.old", [1]).Dir("d", 0x1C0, At(1)).File("d/f", "kept").Build(),
            new TarBuilder().Xattr("user.new", [2]).Dir("d", 0x1ED, At(2)).Build());
        Assert.That(bench.List()["d"], Is.EqualTo("d 755"));
        Assert.That(bench.Text("d/f"), Is.EqualTo("kept"));
        Assert.That(bench.Status("d").Modified.Seconds, Is.EqualTo(2));
        Assert.That(TreeListing.Xattr(bench.Root, "d", "user.old"), Is.Null);
        Assert.That(TreeListing.Xattr(bench.Root, "d", "user.new"), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void Metadata_L31_UnreadableModes_AreOnlyInTheTable([Values] bool later)
    {
        var first = new TarBuilder().Dir("d0", 0).Dir("d5", 0x140).File("f0", "x", 0);
        var second = later ? new TarBuilder() : first;
        second.File("d0/f", "x").File("d5/f", "x");
        using var bench = new LayerBench();
        bench.Flatten(later ? [first.Build(), second.Build()] : [first.Build()]);
        Assert.That(bench.List().Where(e => e.Key != ".").Select(e => $"{e.Key}={e.Value}"), Is.EqualTo(new[] { "d0=d 700", "d0/f=f 644 x", "d5=d 700", "d5/f=f 644 x", "f0=f 400 x" }));
        Assert.That(bench.Owners, Is.EqualTo("40000 0 0 - d0\n40500 0 0 - d5\n100000 0 0 - f0"));
    }

    [Test]
    public void Metadata_L34_DefaultsOfTheStoreDirectory_DoNotLeakIn()
    {
        using var bench = new LayerBench();
        using (var root = FileSystem.OpenDirectory(null, PathZ.From(bench.Root)))
        {
            // version 2, then (tag, permissions, id) of user, group, mask, other: rwx for all
            byte[] acl = [2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 7, 0, 255, 255, 255, 255, 0x20, 0, 7, 0, 255, 255, 255, 255];
            Assume.That(FileSystem.TrySetXattr(root, PathZ.From("system.posix_acl_default"), acl), Is.EqualTo(Errno.None), "the file system has no ACLs");
            FileSystem.SetMode(root, 0x5FF);
        }

        bench.Flatten(new TarBuilder().File("f", "x", 0x180).Dir("d", 0x1C0).File("i/f", "x", 0x180).Build());
        Assert.That(bench.List().Select(e => $"{e.Key}={e.Value}"), Is.EqualTo(new[] { ".=d 755", "d=d 700", "f=f 600 x", "i=d 755", "i/f=f 600 x" }));
    }

    /// <summary>A container has a /dev of its own.</summary>
    [Test]
    public void Devices_OfDev_AreSkippedWithoutAWarning()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Device('3', "dev/null", 1, 3).Device('3', "./dev/a/b", 1, 5).Device('3', "device", 1, 3).File("f").Build());
        Assert.That(bench.Summary.Warnings, Is.EqualTo(new[] { "skipped 1 device, which only root can make" }));
    }

    [Test]
    public void Metadata_L47_Devices_AreSkippedWithOneWarning()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Device('3', "null", 1, 3).Device('4', "sda", 8, 0).Hard("zero", "null").File("f").Build());
        Assert.That(bench.Summary.Warnings, Is.EqualTo(new[] { "skipped 2 devices, which only root can make" }));
        Assert.That(bench.Paths(), Is.EqualTo("f"));
        Assert.That(bench.Owners, Is.EqualTo("20644 0 0 1:3 null\n60644 0 0 8:0 sda\n20644 0 0 1:3 zero"));
    }

    [Test]
    public void Metadata_OverlayWhiteoutDevice_IsNotEvenRemembered()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Device('3', "wh", 0, 0).Build());
        Assert.That((bench.Paths(), bench.Owners), Is.EqualTo(("", "")));
    }

    [Test]
    public void Metadata_L55_FileSystemWithoutXattrs_IsSaidOnce()
    {
        Needs.Root("a file system is mounted");
        using var canary = new CanaryTree();
        World.Tool("mount", "-t", "ramfs", "none", canary.Root).Succeeds();
        try
        {
            using var rootfs = FileSystem.OpenDirectory(null, PathZ.From(canary.Root));
            using var flattener = new Flattener(rootfs, LayerLimits.Default);
            flattener.Apply(new MemoryStream(new TarBuilder().Xattr("user.x", [1]).File("a", "x").Xattr("user.x", [1]).File("b", "y").Build()), CancellationToken.None);
            Assert.That(flattener.Complete().Warnings, Is.EqualTo(new[] { "left out extended attributes: the file system of the store has none" }));
            Assert.That(File.ReadAllText(Path.Combine(canary.Root, "b")), Is.EqualTo("y"));
        }
        finally
        {
            World.Tool("umount", "-l", canary.Root).Succeeds();
        }
    }

    [Test]
    public void Metadata_L50_XattrsThatDriveTools_AreDropped([Values("user.overlay.opaque", "user.overlay.redirect", "user.overlay.metacopy", "trusted.overlay.opaque", "user.containers.override_stat", "user.rootlesscontainers")] string name)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Xattr(name, [(byte)'y']).Dir("d").Xattr(name, [(byte)'y']).File("f").Build());
        Assert.That(TreeListing.Xattr(bench.Root, "d", name), Is.Null);
        Assert.That(TreeListing.Xattr(bench.Root, "f", name), Is.Null);
        Assert.That(bench.Summary.Warnings, Is.Empty);
    }

    /// <summary>Root keeps what the kernel takes; a user may set none, and its images run without them. The side table keeps them for whatever is written of the tree.</summary>
    [TestCase("0100000200040000000000000000000000000000", true)]
    [TestCase("0100000280000000000000000000000000000000", true, Description = "T44: newuidmap's, with a byte that is no text")]
    [TestCase("0100000300040000000000000000000000000000" + "00000000", true)]
    [TestCase("0100000300040000000000000000000000000000" + "40420f00", true)]
    [TestCase("010203", false)]
    public void Metadata_L52_Capabilities_NeverStopAnImage(string value, bool isOne)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Xattr("security.capability", Convert.FromHexString(value)).File("f", "x").Build());
        Assert.That(bench.Text("f"), Is.EqualTo("x"));
        Assert.That(bench.Owners, Is.EqualTo(isOne ? $"100644 0 0 =01000002{value[8..40]} f" : string.Empty), "the id of another namespace's root means nothing");
        Assert.That(bench.Summary.Warnings, isOne ? Is.Empty : Has.One.StartsWith("left out file capabilities that no kernel takes, such as those of 'f'"));
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.That(TreeListing.Xattr(bench.Root, "f", "security.capability"), Is.Null);
        }
        else if (isOne)
        {
            // The kernel shows root's capabilities of version 3 as version 2.
            var shown = value.EndsWith("00000000", StringComparison.Ordinal) && value.Length == 48 ? "01000002" + value[8..40] : value;
            Assert.That(Convert.ToHexStringLower(TreeListing.Xattr(bench.Root, "f", "security.capability")!), Is.EqualTo(shown));
        }
    }

    [Test]
    public void Metadata_L52_Capabilities_AreThoseOfTheLastFile_AndOfAllItsNames()
    {
        var (ping, other) = (Convert.FromHexString("0100000200200000000000000000000000000000"), Convert.FromHexString("0100000200040000000000000000000000000000"));
        using var bench = new LayerBench();
        bench.Flatten(
            new TarBuilder().Xattr("security.capability", ping).File("a", "x").Hard("b", "a").Xattr("security.capability", ping).File("c").Xattr("security.capability", ping).File("d").Build(),
            new TarBuilder().File("c", "without").Xattr("security.capability", other).File("d", fields: new() { Uid = Octal(7, 8) }).Xattr("security.capability", ping).Dir("e").Build());
        Assert.That(bench.Owners, Is.EqualTo($"100644 0 0 ={Convert.ToHexStringLower(ping)} a\n100644 0 0 ={Convert.ToHexStringLower(ping)} b\n100644 7 0 ={Convert.ToHexStringLower(other)} d"));
    }

    [Test]
    public void Metadata_L59_XattrsOfTheRoot_AreSet([Values("./", "/", ".")] string name)
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().Xattr("user.x", [1]).Dir(name, 0x1C8, At(7)).Build());
        Assert.That(TreeListing.Xattr(bench.Root, ".", "user.x"), Is.EqualTo(new byte[] { 1 }));
        Assert.That((bench.Status(".").Permissions, bench.Status(".").Modified.Seconds), Is.EqualTo((0x1C8u, 7L)));
    }

    [Test]
    public void Metadata_L53_XattrsOfOthers_AreIgnoredWithOneWarning()
    {
        var archive = new TarBuilder().Xattr("user.x", [1]).Link("l", "f").Xattr("user.x", [1]).Fifo("p");
        foreach (var name in new[] { "trusted.x", "security.selinux", "security.ima", "system.nfs4_acl", "foo.bar", "user." })
        {
            archive.Xattr(name, [1]).File("f", "x");
        }

        using var bench = new LayerBench();
        bench.Flatten(archive.Build());
        Assert.That(bench.Summary.Warnings, Has.Count.EqualTo(1));
        Assert.That(bench.Summary.Warnings[0], Does.StartWith("left out extended attributes").And.Contain("'l'"));
    }

    /// <summary>60 KiB are too many for ext4, which says ENOSPC, and fine elsewhere; 70 000 are too many everywhere.</summary>
    [TestCase(60 << 10)]
    [TestCase(70_000)]
    public void Metadata_L54_XattrThatDoesNotFit_IsRefusedByName(int size)
    {
        using var bench = new LayerBench();
        var archive = new TarBuilder().Xattr("user.big", new byte[size]).File("f").Build();
        try
        {
            bench.Flatten(archive);
            Assert.That(TreeListing.Xattr(bench.Root, "f", "user.big"), Has.Length.EqualTo(size));
        }
        catch (LayerException e)
        {
            Assert.That(e.Message, Does.Contain($"extended attribute 'user.big' of {size} bytes"));
            Assert.That(StoreFaults.IsFull(e), Is.False, "nobody is told that the disk is full");
            return;
        }

        Assert.That(size, Is.LessThan(65_536), "the kernel takes no more");
    }

    [Test]
    public void Metadata_L56_Owners_AreRememberedPerName()
    {
        using var bench = new LayerBench();
        HeaderFields owner = new() { Uid = Octal(1000, 8), Gid = Octal(5, 8) };
        bench.Flatten(
            new TarBuilder().Dir("./", fields: owner).File("a", "x", 0x9ED, owner with { Mode = Octal(0x9ED, 8) }).Hard("b", "a").Link("l", "x", owner).File("z", "x", fields: owner).Build(),
            new TarBuilder().File("a", "mine").File("z", "mine").Build());
        Assert.That(bench.Owners, Is.EqualTo("40755 1000 5 - .\n104755 1000 5 - b\n120777 1000 5 - l"));
        Assert.That(bench.Status("b").Uid, Is.EqualTo(CurrentUser.EffectiveUid));
    }
}
