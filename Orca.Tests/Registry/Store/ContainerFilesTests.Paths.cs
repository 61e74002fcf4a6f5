using NUnit.Framework;
using Orca.Core.Containers;

namespace Orca.Tests.Registry.Store;

/// <content>Where paths lead, and what is there.</content>
internal sealed partial class ContainerFilesTests
{
    [TestCase("/etc/motd", "/etc/motd")]
    [TestCase("/etc/abs", "/etc/motd")]
    [TestCase("/etc/up", "/etc/motd")]
    [TestCase("/l/missing/x", "/etc/missing/x")]
    [TestCase("/l", "/etc")]
    [TestCase("/l/../l/abs", "/etc/motd")]
    [TestCase("/etc/host", "/etc/hostname-of-the-host")]
    [TestCase("/etc/loop/x", "/etc/loop/x")]
    [TestCase("/etc/motd/x", "/etc/motd/x")]
    [TestCase("/../..//none/./x/..", "/none")]
    [TestCase("/", "/")]
    public void Find_FollowsLinksInside_WithAndWithoutChanges(string path, string expected)
    {
        using var container = Create("work");
        Assert.That(container.Find(path).Place, Is.EqualTo(expected));
        File.WriteAllText(Upper("work", "new"), "something changed");
        Assert.That(container.Find(path).Place, Is.EqualTo(expected));
        container.MaterializeCopy();
        Assert.That(container.Find(path).Place, Is.EqualTo(expected));
    }

    [TestCase("/", RootEntryKind.Directory)]
    [TestCase("/etc", RootEntryKind.Directory)]
    [TestCase("/l", RootEntryKind.Directory)]
    [TestCase("/l/..", RootEntryKind.Directory)]
    [TestCase("/etc/abs", RootEntryKind.File)]
    [TestCase("/etc/fifo", RootEntryKind.File)]
    [TestCase("/etc/host", RootEntryKind.Missing)]
    [TestCase("/none/deep", RootEntryKind.Missing)]
    [TestCase("/dev/any", RootEntryKind.Missing)]
    [TestCase("/etc/motd/x", RootEntryKind.Unreachable)]
    [TestCase("/etc/abs/x", RootEntryKind.Unreachable)]
    [TestCase("/etc/motd/..", RootEntryKind.Unreachable)]
    [TestCase("/etc/loop", RootEntryKind.Unreachable)]
    [TestCase("/etc/loop/x", RootEntryKind.Unreachable)]
    public void Find_TellsKinds_WithAndWithoutChanges(string path, RootEntryKind expected)
    {
        using var container = Create("work");
        Assert.That(container.Find(path).Kind, Is.EqualTo(expected));
        File.WriteAllText(Upper("work", "new"), "something changed");
        Assert.That(container.Find(path).Kind, Is.EqualTo(expected));
        container.MaterializeCopy();
        Assert.That(container.Find(path).Kind, Is.EqualTo(expected));
    }

    [Test]
    public void Find_TellsEmptyPlacesOfMounts_FromWhatTheImageHas_AndFromFullOnes()
    {
        using var container = Create("work");
        foreach (var directory in (string[])["mount/", "full/x", "etc/new", "empty"])
        {
            Directory.CreateDirectory(Upper("work", directory));
        }

        File.WriteAllText(Upper("work", "socket"), string.Empty);
        File.WriteAllText(Upper("work", "text"), "x");
        var found = new[] { "/mount", "/socket", "/etc/new", "/full", "/text", "/empty", "/etc", "/etc/motd", "/none", "/" }.Where(path => container.Find(path).IsEmptyPlace);
        Assert.That(found, Is.EqualTo(["/mount", "/socket", "/etc/new"]));
    }

    /// <summary>The image's own trees at the places of the kernel's are covered: believed, they would say that a mount is where it is not, and take masks away.</summary>
    [TestCase("dev")]
    [TestCase("proc")]
    [TestCase("sys")]
    public void Find_FollowsNoLinkOfTheImage_WhereTheKernelsFilesAre(string tree)
    {
        using var container = Create("work");
        Directory.CreateDirectory(Upper("work", tree));
        File.CreateSymbolicLink(Upper("work", tree + "/way"), "/etc");
        File.CreateSymbolicLink(Upper("work", "data"), $"/{tree}/way");
        Assert.That(container.Find("/data/x").Place, Is.EqualTo($"/{tree}/way/x"));
    }

    [Test]
    public void Find_SeesTheContainersChanges()
    {
        using var container = Create("work");
        File.CreateSymbolicLink(Upper("work", "mine"), "l");
        File.CreateSymbolicLink(Upper("work", "up"), "../../../../empty");
        Assert.That(container.Find("/mine/x").Place, Is.EqualTo("/etc/x"));
        Assert.That(container.Find("/up").Place, Is.EqualTo("/empty"));
    }
}
