using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Tests.Cli.Commands;

/// <summary>A file is there once it is whole, and what killed commands have left beside it goes with the next.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ArchiveOutputTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orca-output-").FullName;

    private string Target => Path.Combine(_directory, "x.tar");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void LeftOver_OfAKilledCommand_IsRemoved_AndNothingElse()
    {
        string[] others = [".orca-y.tar.0123456789abcdef.tmp", ".orca-x.tar.0123456789abcdeg.tmp", ".orca-x.tar.tmp", "x.tar.tmp"];
        foreach (var name in (string[])[.. others, ".orca-x.tar.0123456789abcdef.tmp"])
        {
            File.WriteAllText(Path.Combine(_directory, name), name);
        }

        ArchiveOutput.Write(Target, "save", static (stream, _) => stream.Write("whole"u8));
        Assert.That(Directory.GetFiles(_directory).Select(Path.GetFileName), Is.EquivalentTo((string[])[.. others, "x.tar"]));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("whole"));
    }

    [Test]
    public void FileThatIsBeingWritten_IsNotRemovedByAnother()
    {
        ArchiveOutput.Write(Target, "save", (stream, _) =>
        {
            stream.Write("first"u8);
            ArchiveOutput.Write(Target, "save", static (other, _) => other.Write("second"u8));
            Assert.That(Directory.GetFiles(_directory), Has.Length.EqualTo(2), "the second, and the first on its way");
        });
        Assert.That(Directory.GetFiles(_directory).Select(Path.GetFileName), Is.EqualTo(new[] { "x.tar" }));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("first"));
    }

    [Test]
    public void Disk_ThatIsFull_IsToldOfTheFileThatWasAskedFor()
    {
        var told = Assert.Throws<StoreException>(() => ArchiveOutput.Write(Target, "save", (_, _) =>
            throw new LinuxException("write", Directory.GetFiles(_directory).Single(), Errno.ENOSPC)));
        Assert.That(told!.Message, Is.EqualTo($"cannot save to '{Target}': ENOSPC (no space left on device)"));
        Assert.That(told.Hint, Does.StartWith("free some space"));
        Assert.That(Directory.GetFiles(_directory), Is.Empty);
    }

    [Test]
    public void Name_ThatNoFileCanHave_IsToldBeforeAnythingIsWritten()
    {
        Assert.That(() => ArchiveOutput.Write("", "save", static (_, _) => Assert.Fail("written")), Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot save to '': the name is empty"));
        var name = new string('a', 300);
        Assert.That(
            () => ArchiveOutput.Write($"{_directory}/{name}", "save", static (_, _) => Assert.Fail("written")),
            Throws.TypeOf<StoreException>().With.Message.StartsWith("cannot save to '").And.Message.EndsWith(": ENAMETOOLONG (file name too long)"));
    }

    [Test]
    public void Failure_LeavesNothing()
    {
        Assert.That(() => ArchiveOutput.Write(Target, "save", static (_, _) => throw new IOException("broken")), Throws.TypeOf<IOException>());
        Assert.That(Directory.GetFiles(_directory), Is.Empty);
    }
}
