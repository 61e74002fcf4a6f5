using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Store;
using Orca.Tests.Cli;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Who waits is told for whom and how long; who finds the disk full, what is full.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LockNoticeTests : IDisposable
{
    private readonly TestStore _store = new();

    [Test]
    public void Wait_NamesTheHolder_AndHowLong_AndNotTooOften()
    {
        var root = _store.OpenRoot().Open();
        using var holder = OtherProcess.HoldLock(Path.Combine(_store.Root, "locks", "x"));
        var time = new ManualTime();
        var said = new List<string>();
        var wait = new LockNotice(said.Add, time).Begin(root, "locks/x", "builds the same image");
        foreach (var seconds in new[] { 0, 1, 1, 1, 20, 10 })
        {
            time.Advance(seconds);
            wait.Tick();
        }

        Assert.That(said, Is.EqualTo([
            $"waiting for process {holder.Id}, which builds the same image; 2 s so far",
            $"waiting for process {holder.Id}, which builds the same image; 33 s so far",
        ]));
    }

    [Test]
    public void Wait_ForNobodyKnown_SaysSo()
    {
        var time = new ManualTime();
        var said = new List<string>();
        var wait = new LockNotice(said.Add, time).Begin(_store.OpenRoot().Open(), "locks/nobody", "builds");
        time.Advance(3);
        wait.Tick();
        Assert.That(said, Is.EqualTo(["waiting for another process, which builds; 3 s so far"]));
    }

    /// <summary>Row F19: a lock of fcntl(2) would go with any descriptor of its file that this process closes.</summary>
    [Test]
    public void Lock_OutlivesAnotherDescriptorOfItsFile()
    {
        var root = _store.OpenRoot().Open();
        using var held = FileLock.TryAcquire(root, "locks/x", exclusive: true);
        FileSystem.Open(root, PathZ.From("locks/x"), Tmds.Linux.LibC.O_RDWR).Dispose();
        Assert.That(FileLock.TryAcquire(_store.OpenRoot().Open(), "locks/x", exclusive: true), Is.Null);
        using var other = System.Diagnostics.Process.Start("flock", ["-n", Path.Combine(_store.Root, "locks", "x"), "true"]);
        other.WaitForExit();
        Assert.That(other.ExitCode, Is.EqualTo(1), "nor does another process get it");
    }

    [TestCase(Errno.ENOSPC, true)]
    [TestCase(Errno.EDQUOT, true)]
    [TestCase(Errno.EIO, false)]
    public void FullDisk_IsKnown_HoweverDeepItsCauseLies(Errno errno, bool full)
    {
        var failure = new StoreException("cannot unpack", null, new LinuxException("write", "x", errno));
        Assert.That(StoreFaults.IsFull(failure), Is.EqualTo(full));
        if (full)
        {
            var told = StoreFaults.Explain(_store.OpenRoot(), 123_000_000, failure);
            Assert.That(told.Message, Does.Contain($"'{_store.Root}' (").And.Contain(errno.ToString()).And.Contain("more than 123 MB"));
            Assert.That(told.Hint, Does.Contain("ORCA_ROOT").And.Contain("what was fetched from a registry is kept"));
        }
    }

    [TestCase(0x6969L, "NFS", true)]
    [TestCase(0xEF53L, "ext4", false)]
    [TestCase(0x01021994L, "tmpfs", false)]
    [TestCase(0x794C7630L, "overlay", false)]
    [TestCase(0xFE534D42L, "SMB", true)]
    [TestCase(unchecked((long)0xFFFFFFFFFE534D42), "SMB", true)]
    [TestCase(0x12345L, "file system 0x12345", false)]
    public void FileSystems_HaveNames(long type, string name, bool remote) =>
        Assert.That((FileSystemNames.Of(type), FileSystemNames.IsRemote(type)), Is.EqualTo((name, remote)));

    public void Dispose() => _store.Dispose();
}
