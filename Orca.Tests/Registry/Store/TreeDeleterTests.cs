using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Trees that are hard to delete.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TreeDeleterTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly Fd _base;

    public TreeDeleterTests() => _base = FileSystem.OpenDirectory(null, PathZ.From(_store.Base));

    private string Tree => Path.Combine(_store.Base, "tree");

    [Test]
    public void Delete_Nothing_IsFine() => Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);

    [Test]
    public void Delete_AFile_Goes()
    {
        File.WriteAllText(Tree, "x");
        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
        Assert.That(File.Exists(Tree), Is.False);
    }

    [Test]
    public void Delete_DirectoriesWithoutPermissions_Go()
    {
        var inner = Path.Combine(Tree, "a", "b");
        Directory.CreateDirectory(inner);
        File.WriteAllText(Path.Combine(inner, "file"), "x");
        File.SetUnixFileMode(Path.Combine(inner, "file"), UnixFileMode.None);
        File.SetUnixFileMode(inner, UnixFileMode.None);
        File.SetUnixFileMode(Path.Combine(Tree, "a"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(Tree, UnixFileMode.None);
        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
        Assert.That(Directory.Exists(Tree), Is.False);
    }

    [Test]
    public void Delete_LinksAndFifos_AreNotFollowedOrOpened()
    {
        var victim = Path.Combine(_store.Base, "victim");
        Directory.CreateDirectory(victim);
        File.WriteAllText(Path.Combine(victim, "file"), "x");
        Directory.CreateDirectory(Tree);
        Directory.CreateSymbolicLink(Path.Combine(Tree, "link"), victim);
        FileSystem.TryMakeFifo(null, PathZ.From(Path.Combine(Tree, "fifo")), 0x180);
        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
        Assert.That(File.Exists(Path.Combine(victim, "file")), Is.True);
    }

    [Test]
    public void Delete_TwelveThousandDeep_WithFewDescriptors()
    {
        FileSystem.MakeDirectory(_base, PathZ.From("tree"), 0x1C0);
        var here = FileSystem.OpenDirectory(_base, PathZ.From("tree"));
        for (var depth = 0; depth < 12_000; depth++)
        {
            FileSystem.MakeDirectory(here, PathZ.From("d"), 0x1C0);
            var next = FileSystem.OpenDirectory(here, PathZ.From("d"));
            here.Dispose();
            here = next;
        }

        here.Dispose();
        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
        Assert.That(Directory.Exists(Tree), Is.False);
    }

    [Test]
    public void Delete_NamesThatAreNoText_Go()
    {
        FileSystem.MakeDirectory(_base, PathZ.From("tree"), 0x1C0);
        using (var tree = FileSystem.OpenDirectory(_base, PathZ.From("tree")))
        {
            FileSystem.MakeDirectory(tree, PathZ.From([0xff, 0xfe, (byte)'\n']), 0x1C0);
            using var odd = FileSystem.OpenDirectory(tree, PathZ.From([0xff, 0xfe, (byte)'\n']));
            FileSystem.MakeDirectory(odd, PathZ.From(Encoding.UTF8.GetBytes(".orca-deeper-0")), 0x1C0);
        }

        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
        Assert.That(Directory.Exists(Tree), Is.False);
    }

    [Test]
    public void Delete_MountInside_IsNotEntered()
    {
        Assume.That(Environment.IsPrivilegedProcess, "mounting needs root");
        var victim = Path.Combine(_store.Base, "victim");
        var mountPoint = Path.Combine(Tree, "mnt");
        Directory.CreateDirectory(victim);
        Directory.CreateDirectory(mountPoint);
        File.WriteAllText(Path.Combine(victim, "file"), "x");
        Assume.That(Run("mount", "--bind", victim, mountPoint), Is.Zero, "the host allows no mounts");
        try
        {
            Assert.That(() => TreeDeleter.Delete(_base, "tree"u8), Throws.TypeOf<StoreException>().With.Message.Contains("'mnt'").And.Message.Contains("EBUSY"));
            Assert.That(File.Exists(Path.Combine(victim, "file")), Is.True, "a bind mount has the same device number: only the mount tells");
        }
        finally
        {
            Run("umount", mountPoint);
        }

        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
    }

    [Test]
    public void Delete_FileThatIsImmutable_IsNamed_AndTheRestGoes()
    {
        Assume.That(Environment.IsPrivilegedProcess, "only root can set the flag");
        var inner = Directory.CreateDirectory(Path.Combine(Tree, "a")).FullName;
        foreach (var name in new[] { "first", "kept", "last" })
        {
            File.WriteAllText(Path.Combine(inner, name), "x");
        }

        Assume.That(Run("chattr", "+i", Path.Combine(inner, "kept")), Is.Zero, "the file system has no such flag");
        try
        {
            var left = TreeDeleter.TryDelete(_base, "tree");
            Assert.That((left?.Name, left?.Error), Is.EqualTo(("kept", Errno.EPERM)));
            Assert.That(Directory.GetFiles(inner).Select(Path.GetFileName), Is.EqualTo(["kept"]));
        }
        finally
        {
            Run("chattr", "-i", Path.Combine(inner, "kept"));
        }

        Assert.That(TreeDeleter.TryDelete(_base, "tree"), Is.Null);
    }

    public void Dispose()
    {
        _base.Dispose();
        _store.Dispose();
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
