using NUnit.Framework;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Core.Host;

/// <summary>What the one reader of foreign files makes of each condition.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HostFileReaderTests : IDisposable
{
    private const int Limit = 1 << 20;

    private readonly string _root = FileConditions.MakeRoot();

    private string Path => System.IO.Path.Combine(_root, "dir", "file");

    public void Dispose() => FileConditions.Remove(_root);

    [TestCase(nameof(FileCondition.Absent), HostFileState.Absent, "ENOENT (no such file or directory)")]
    [TestCase(nameof(FileCondition.DanglingLink), HostFileState.Absent, "ENOENT (no such file or directory)")]
    [TestCase(nameof(FileCondition.ParentIsAFile), HostFileState.Absent, "ENOTDIR (not a directory)")]
    [TestCase(nameof(FileCondition.LinkLoop), HostFileState.Unreadable, "ELOOP (too many levels of symbolic links)")]
    [TestCase(nameof(FileCondition.Closed), HostFileState.Closed, "EACCES (permission denied)")]
    [TestCase(nameof(FileCondition.ClosedParent), HostFileState.Hidden, "EACCES (permission denied)")]
    [TestCase(nameof(FileCondition.Directory), HostFileState.NotAFile, "it is a directory")]
    [TestCase(nameof(FileCondition.Socket), HostFileState.NotAFile, "it is a socket, or a device that is not there")]
    [TestCase(nameof(FileCondition.Pipe), HostFileState.NotAFile, "it is a pipe")]
    [TestCase(nameof(FileCondition.LinkToNull), HostFileState.Read, null)]
    [TestCase(nameof(FileCondition.Empty), HostFileState.Read, null)]
    [TestCase(nameof(FileCondition.TooLarge), HostFileState.TooLarge, "it is larger than 1 MiB")]
    public void ReadDefault_TellsWhatIsTheMatter_AndNeverWaits(string name, HostFileState state, string? cause)
    {
        var condition = Enum.Parse<FileCondition>(name);
        FileConditions.Make(Path, condition, "content");
        using var user = new AnotherFileUser();
        var file = HostFileReader.ReadDefault(Path, Limit);
        Assert.That((file.State, file.Cause, file.Content.Length), Is.EqualTo((state, cause, 0)));
        Assert.That(file.Note("nothing follows"), FileConditions.IsNoted(condition) ? Is.EqualTo($"'{Path}' is passed over: {cause}; nothing follows") : Is.Null);
    }

    [TestCase(nameof(FileCondition.Absent))]
    [TestCase(nameof(FileCondition.DanglingLink))]
    [TestCase(nameof(FileCondition.LinkLoop))]
    [TestCase(nameof(FileCondition.Closed))]
    [TestCase(nameof(FileCondition.ClosedParent))]
    [TestCase(nameof(FileCondition.Directory))]
    [TestCase(nameof(FileCondition.Socket))]
    [TestCase(nameof(FileCondition.TooLarge))]
    public void ReadNamed_OfWhatCannotBeRead_HasACause_WhichIsKnownBefore(string name)
    {
        var condition = Enum.Parse<FileCondition>(name);
        FileConditions.Make(Path, condition, "content");
        using var user = new AnotherFileUser();
        Assert.That(HostFileReader.ReadNamed(Path, Limit).Cause, Is.Not.Null);
        Assert.That(HostFileReader.Problem(Path), condition is FileCondition.TooLarge or FileCondition.Socket ? Is.Null : Is.Not.Null, "size and kind show when it is read");
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(100_000)]
    [TestCase(Limit)]
    public void Read_UpToTheLimit_GivesTheWholeFile(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllBytes(Path, bytes);
        Assert.That(HostFileReader.ReadDefault(Path, Limit).Content, Is.EqualTo(bytes));
        Assert.That(HostFileReader.ReadNamed(Path, Limit).Content, Is.EqualTo(bytes));
        Assert.That(HostFileReader.ReadDefault(Path, length - 1).State, Is.EqualTo(HostFileState.TooLarge));
    }

    [Test]
    public void ReadDefault_OfProc_WhoseFilesHaveNoLength_GivesTheContent() =>
        Assert.That(HostFileReader.ReadDefault("/proc/self/status", Limit).Text, Does.Contain("Umask:"));

    [TestCase(3)]
    [TestCase(200_000)]
    public void ReadNamed_OfAPipe_WaitsForItsEnd(int length)
    {
        FileConditions.Make(Path, FileCondition.Pipe, "");
        var writer = Task.Run(() => File.WriteAllBytes(Path, new byte[length]));
        Assert.That(HostFileReader.Problem(Path), Is.Null, "and looking at it takes nothing out of it");
        Assert.That(HostFileReader.ReadNamed(Path, Limit).Content, Has.Length.EqualTo(length));
        writer.Wait();
    }

    [Test]
    public void ReadNamed_OfAPipeWithoutEnd_StopsAtTheLimit() =>
        Assert.That(HostFileReader.ReadNamed("/dev/zero", Limit).State, Is.EqualTo(HostFileState.TooLarge));

    /// <summary>As node's spawn and systemd pass streams on: a socket cannot be opened by its name in /proc.</summary>
    [Test]
    public void ReadNamed_OfAnInheritedSocket_ReadsIt()
    {
        var (ours, theirs) = Kernel.OpenSocketPair();
        using var inherited = theirs;
        Kernel.SetCloseOnExec(theirs.Number, false);
        FileSystem.Write(ours, "A=1"u8);
        ours.Dispose();
        Assert.That(HostFileReader.Problem($"/dev/fd/{theirs.Number}"), Is.Null);
        Assert.That(HostFileReader.ReadNamed($"/dev/fd/{theirs.Number}", Limit).Text, Is.EqualTo("A=1"));
    }

    [TestCase("/nowhere\0/file", "EINVAL")]
    [TestCase("", "ENOENT")]
    public void Read_OfWhatIsNoPath_DoesNotThrow(string path, string cause) =>
        Assert.That(HostFileReader.ReadDefault(path, Limit).Cause, Does.StartWith(cause));

    [TestCase(nameof(FileCondition.Absent), HostFileState.Absent)]
    [TestCase(nameof(FileCondition.LinkLoop), HostFileState.Unreadable)]
    [TestCase(nameof(FileCondition.Empty), HostFileState.Absent)]
    [TestCase(nameof(FileCondition.ClosedParent), HostFileState.Hidden)]
    public void ListDefault_OfWhatIsNoDirectory_ListsNothing(string name, HostFileState state)
    {
        FileConditions.Make(Path, Enum.Parse<FileCondition>(name), "");
        using var user = new AnotherFileUser();
        var (listing, names) = HostFileReader.ListDefault(Path);
        Assert.That((listing.State, names.Count), Is.EqualTo((state, 0)));
    }
}
