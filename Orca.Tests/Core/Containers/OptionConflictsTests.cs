using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Tests.Fakes;

namespace Orca.Tests.Core.Containers;

/// <summary>Options that cannot be together are refused before anything starts, with both of their names. On the host: a directory d with d/sub, d/file and d/link.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class OptionConflictsTests : IDisposable
{
    private readonly string _host = Directory.CreateTempSubdirectory("orca-conflicts-").FullName;

    public OptionConflictsTests()
    {
        Directory.CreateDirectory(Path.Combine(_host, "d/sub"));
        File.WriteAllText(Path.Combine(_host, "d/file"), string.Empty);
        File.CreateSymbolicLink(Path.Combine(_host, "d/link"), "nowhere");
    }

    public void Dispose() => Directory.Delete(_host, recursive: true);

    [TestCase("-v D:/m:ro")]
    [TestCase("-v D:/m --tmpfs /m/new")]
    [TestCase("-v D:/m:ro --tmpfs /m/sub")]
    [TestCase("-v D:/m:ro -v D/file:/m/file")]
    [TestCase("-v D:/m:ro -v D:/m/link", Description = "what a link means is decided inside")]
    [TestCase("-v D:/m:ro -v D:/m/link/x")]
    [TestCase("-v D:/m:ro --tmpfs /m/sub -v D:/m/sub/new", Description = "a place can be made in memory")]
    [TestCase("--tmpfs /m:ro -v D:/m/new")]
    [TestCase("-v D/file:/m -v D:/mm")]
    [TestCase("-v D:/m:ro -v /nonexistent:/m/sub", Description = "a missing source is told elsewhere")]
    public void Options_ThatCanBeTogether(string line) => Assert.That(() => OptionConflicts.Require(Options(line)), Throws.Nothing);

    [TestCase("-v D:/m:ro --tmpfs /m/new", "cannot mount '--tmpfs /m/new': '-v D:/m:ro' is read-only, and the place is missing in it", "make it first: mkdir -p 'D/new'")]
    [TestCase("-v D:/m/x:ro -v D:/m/./x/../x/a/b", "cannot mount '-v D:/m/./x/../x/a/b': '-v D:/m/x:ro' is read-only, and the place is missing in it", "make it first: mkdir -p 'D/a/b'")]
    [TestCase("-v D:/m:ro -v D/file:/m/sub/new", "cannot mount '-v D/file:/m/sub/new': '-v D:/m:ro' is read-only, and the place is missing in it", "make it first: touch 'D/sub/new'")]
    [TestCase("-v D/file:/m --tmpfs /m/x", "cannot mount '--tmpfs /m/x': '-v D/file:/m' shows a file there, and nothing is below a file", null)]
    [TestCase("-v D:/m --tmpfs /m/file/x", "cannot mount '--tmpfs /m/file/x': '-v D:/m' shows a file there, and nothing is below a file", null)]
    [TestCase("-v D:/m --tmpfs /m/file", "cannot mount '--tmpfs /m/file': '-v D:/m' shows a file there", "a directory can only be mounted on a directory, a file only on a file")]
    [TestCase("-v D:/m -v D/file:/m/sub", "cannot mount '-v D/file:/m/sub': '-v D:/m' shows a directory there", "a directory can only be mounted on a directory, a file only on a file")]
    public void Mounts_ThatCannotBeTogether_AreRefused(string line, string message, string? hint) => Assert.That(
        () => OptionConflicts.Require(Options(line)),
        Throws.TypeOf<ReferenceException>().With.Message.EqualTo(Named(message)).And.Property("Hint").EqualTo(hint is null ? null : Named(hint)));

    [TestCase(255, 1, true)]
    [TestCase(256, 1, false)]
    [TestCase(5, 682, true)] // 4092 bytes
    [TestCase(5, 683, false)]
    public void Place_LongerThanLinuxTakes_IsRefused(int name, int depth, bool fits)
    {
        var path = string.Concat(Enumerable.Repeat("/" + new string('n', name), depth));
        Assert.That(MountPath.Problem(path), fits ? Is.Null : Is.EqualTo("the path inside is too long: a name has at most 255 bytes, a path 4095"));
        Assert.That(() => OptionConflicts.Require(new RunOptions { Process = new() { WorkingDirectory = path } }), fits ? Throws.Nothing : Throws.TypeOf<ReferenceException>().With.Message.Contain("the path inside is too long"));
    }

    [TestCase("-v D:/sys/none", "cannot mount '-v D:/sys/none': nothing can be made in /sys, where the kernel has no '/sys/none'")]
    [TestCase("--tmpfs /sys/a/b", "cannot mount '--tmpfs /sys/a/b': nothing can be made in /sys, where the kernel has no '/sys/a/b'")]
    [TestCase("--tmpfs /sys --tmpfs /sys/a/b", null)]
    [TestCase("-v D:/sys -v D:/sys/none", null)]
    [TestCase("-v D:/sys/kernel/new/deep", "cannot mount '-v D:/sys/kernel/new/deep': nothing can be made in /sys, where the kernel has no '/sys/kernel/new/deep'")]
    [TestCase("-v D:/sys/class", null)]
    public void Mount_WhereTheKernelHasNothing_IsRefused(string line, string? message) => Assert.That(
        () => OptionConflicts.Require(Options(line)), message is null ? Throws.Nothing : Throws.TypeOf<ReferenceException>().With.Message.EqualTo(Named(message)));

    /// <summary>In the container: a directory /dir, a file /file, an empty place /empty of an earlier mount, /link to /m/in, /in-proc to /proc/stat1, /etc/mtab to /proc/mounts.</summary>
    [TestCase("-v D:/file", "cannot mount '-v D:/file': it is a directory, and the container has a file at '/file'")]
    [TestCase("-v D/file:/dir:ro", "cannot mount '-v D/file:/dir:ro': it is a file, and the container has a directory at '/dir'")]
    [TestCase("--tmpfs /file", "cannot mount '--tmpfs /file': it is a directory, and the container has a file at '/file'")]
    [TestCase("-v D:/dir --tmpfs /file/x", "cannot mount '--tmpfs /file/x': nothing can be at '/file/x' in the container: a file is on the way, or symbolic links go in a circle")]
    [TestCase("-v D:/m:ro -v D:/link", "cannot mount '-v D:/link': symbolic links of the container lead to '/m/in', and '-v D:/m:ro' is read-only, and the place is missing in it")]
    [TestCase("-v D:/in-proc", "cannot mount '-v D:/in-proc': symbolic links of the container lead to '/proc/stat1', and nothing may cover /proc")]
    [TestCase("-v D:/dev/null", "cannot mount '-v D:/dev/null': it is a directory, and the container has a file at '/dev/null'")]
    [TestCase("-v D/file:/dev/shm", "cannot mount '-v D/file:/dev/shm': it is a file, and the container has a directory at '/dev/shm'")]
    [TestCase("--tmpfs /dev --tmpfs /dev/null/x", "cannot mount '--tmpfs /dev/null/x': nothing can be at '/dev/null/x' in the container: a file is on the way, or symbolic links go in a circle")]
    [TestCase("-v D:/proc/cpuinfo", "cannot mount '-v D:/proc/cpuinfo': it is a directory, and the container has a file at '/proc/cpuinfo'")]
    [TestCase("-v D/file:/sys/kernel", "cannot mount '-v D/file:/sys/kernel': it is a file, and the container has a directory at '/sys/kernel'")]
    [TestCase("-v D:/dir -v D/file:/file -v D:/new/deep -v D/file:/empty", null)]
    [TestCase("-v D:/empty", null)]
    [TestCase("-v D:/etc/hosts -v D/file:/etc/mtab", null, Description = "orca's own make way")]
    [TestCase("--tmpfs /file2 -v D:/file2/x", null)]
    [TestCase("-v D/file:/dev/null -v D:/dev/new -v D:/dev/shm --tmpfs /dev/pts -v D/file:/proc/cpuinfo", null)]
    [TestCase("--tmpfs /tmp -v D:/tmp/x -v D/file:/tmp/y", null)]
    public void Mount_ThatTheContainersRootHasNoRoomFor_IsRefused(string line, string? message)
    {
        var links = new Dictionary<string, string> { ["/link"] = "/m/in", ["/in-proc"] = "/proc/stat1", ["/etc/mtab"] = "/proc/mounts" };
        var root = new LinkedPaths(
            links, new RootEntry("/dir", RootEntryKind.Directory), new RootEntry("/file", RootEntryKind.File), new RootEntry("/file/x", RootEntryKind.Unreachable),
            new RootEntry("/empty", RootEntryKind.Directory) { IsEmptyPlace = true }, new RootEntry("/etc/hosts", RootEntryKind.File));
        Assert.That(() => OptionConflicts.Require(Options(line), root), message is null ? Throws.Nothing : Throws.TypeOf<ReferenceException>().With.Message.EqualTo(Named(message)));
    }

    [Test]
    public void HostName_OfTheHost_CannotBeAnother() => Assert.That(
        () => OptionConflicts.Require(new RunOptions { Network = new() { Hostname = "box", Uts = NamespaceMode.Host } }),
        Throws.TypeOf<ReferenceException>().With.Message.EqualTo("cannot use '--hostname' with '--uts host': the host name is then this machine's"));

    [TestCase("-v D:/m:ro", "/m/new", "cannot start in '-w /m/new': '-v D:/m:ro' is read-only, and the place is missing in it")]
    [TestCase("-v D/file:/m", "/m", "cannot start in '-w /m': '-v D/file:/m' shows a file there")]
    [TestCase("-v D/file:/m", "/m/x", "cannot start in '-w /m/x': '-v D/file:/m' shows a file there, and nothing is below a file")]
    [TestCase("-v D:/m:ro", "/m", null)]
    [TestCase("-v D:/m:ro", "/m/sub", null)]
    [TestCase("-v D:/m", "/m/new", null)]
    [TestCase("--tmpfs /m:ro", "/m/new", null)]
    public void WorkingDirectory_ThatAMountHasNoRoomFor_IsRefused(string line, string directory, string? message)
    {
        var options = Options(line) with { Process = new() { WorkingDirectory = directory } };
        Assert.That(() => OptionConflicts.Require(options), message is null ? Throws.Nothing : Throws.TypeOf<ReferenceException>().With.Message.EqualTo(Named(message)));
    }

    private RunOptions Options(string line) => MountLayoutTests.Options(Named(line));

    private string Named(string text) => text.Replace("D", Path.Combine(_host, "d"), StringComparison.Ordinal);
}
