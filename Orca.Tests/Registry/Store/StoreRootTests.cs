using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Whose the store is, and whether it is one.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StoreRootTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TestStore _store = new();

    [Test]
    public void TryOpen_NothingThere_MakesNothing()
    {
        Assert.That(_store.OpenRoot().TryOpen(), Is.Null);
        Assert.That(Directory.Exists(_store.Root), Is.False);
    }

    [Test]
    public void Open_MakesAClosedDirectory_WithItsFormat()
    {
        _store.OpenRoot().Open();
        Assert.That(File.ReadAllText(Path.Combine(_store.Root, "format")), Is.EqualTo("orca store 1\n"));
        Assert.That(File.GetUnixFileMode(_store.Root), Is.EqualTo(OwnerOnly));
        Assert.That(Directory.GetDirectories(_store.Root).Select(File.GetUnixFileMode), Is.All.EqualTo(OwnerOnly));
    }

    [Test]
    public unsafe void ImagesAndContainers_AreSpread_WhereTheFileSystemIsToldSo()
    {
        Directory.CreateDirectory(_store.Base);
        using var place = FileSystem.OpenDirectory(null, PathZ.From(_store.Base));
        var isExt4 = FileSystem.StateOf(place).Type == 0xEF53;
        _store.OpenRoot().Open();
        Assert.That(IsSpread("images"), Is.False, "what is there was renamed, and has its place");
        Assert.That(new[] { "staging", "containers", "spares" }.Select(IsSpread), Is.All.EqualTo(isExt4));

        bool IsSpread(string name)
        {
            using var directory = FileSystem.OpenDirectory(place, PathZ.From($"store/{name}"));
            var flags = 0;
            return Kernel.Ioctl(directory.Number, 0x80086601 /* FS_IOC_GETFLAGS */, (nint)(&flags)) == Errno.None && (flags & 0x20000 /* FS_TOPDIR_FL */) != 0;
        }
    }

    [TestCase(UnixFileMode.GroupRead | UnixFileMode.OtherExecute)]
    [TestCase(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)]
    public void Open_StoreIsOpenToOthers_IsClosed(UnixFileMode more)
    {
        _store.OpenRoot().Open();
        File.SetUnixFileMode(_store.Root, OwnerOnly | more);
        Assert.That(_store.OpenRoot().TryOpen(), Is.Not.Null);
        Assert.That(File.GetUnixFileMode(_store.Root), Is.EqualTo(OwnerOnly));
    }

    [Test]
    public void Open_OthersCouldWriteAndALinkIsInside_IsRefused()
    {
        _store.OpenRoot().Open();
        Directory.Delete(Path.Combine(_store.Root, "parts"));
        Directory.CreateSymbolicLink(Path.Combine(_store.Root, "parts"), "/tmp");
        File.SetUnixFileMode(_store.Root, OwnerOnly | UnixFileMode.OtherWrite);
        Assert.That(() => _store.OpenRoot().TryOpen(), Throws.TypeOf<StoreException>().With.Message.Contains("'parts' is not orca's"));
    }

    [Test]
    public void Open_AnothersDirectory_IsRefused()
    {
        // Root sees everybody's; everybody sees root's.
        var foreign = Environment.IsPrivilegedProcess ? _store.Root : "/etc";
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(foreign);
            Assert.That(Run("chown", "12345", foreign), Is.Zero);
        }

        using var root = new Orca.Registry.Store.StoreRoot(Orca.Registry.Store.StoreLocation.Resolve(foreign));
        Assert.That(() => root.Open(), Throws.TypeOf<StoreException>().With.Message.Contains("belongs to user"));
    }

    [Test]
    public void Open_SymbolicLinkToAnOwnDirectory_IsFollowed()
    {
        var real = Path.Combine(_store.Base, "real");
        Directory.CreateDirectory(real);
        Directory.CreateSymbolicLink(_store.Root, real);
        _store.OpenRoot().Open();
        Assert.That(File.Exists(Path.Combine(real, "format")), Is.True);
    }

    [Test]
    public void Open_SymbolicLinkToAnothersDirectory_IsRefused_AndNothingIsMadeThere()
    {
        var foreign = Path.Combine(_store.Base, "foreign");
        Directory.CreateDirectory(foreign);
        Assume.That(Environment.IsPrivilegedProcess, "only root can give a directory away");
        Assert.That(Run("chown", "12345", foreign), Is.Zero);
        Directory.CreateSymbolicLink(_store.Root, foreign);
        Assert.That(() => _store.OpenRoot().Open(), Throws.TypeOf<StoreException>().With.Message.Contains("belongs to user 12345"));
        Assert.That(Directory.GetFileSystemEntries(foreign), Is.Empty);
    }

    [Test]
    public void Open_DirectoryWithOtherFiles_IsNotTaken()
    {
        Directory.CreateDirectory(_store.Root);
        File.WriteAllText(Path.Combine(_store.Root, "thesis.tex"), "mine");
        Assert.That(() => _store.OpenRoot().Open(), Throws.TypeOf<StoreException>().With.Message.Contains("holds other files"));
        Assert.That(Directory.GetFileSystemEntries(_store.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void Open_CreationWasCutShort_GoesOn()
    {
        Directory.CreateDirectory(Path.Combine(_store.Root, "images"));
        File.WriteAllText(Path.Combine(_store.Root, ".format.1.1.tmp"), "orca");
        Assert.That(_store.OpenRoot().TryOpen(), Is.Null);
        _store.OpenRoot().Open();
        Assert.That(File.Exists(Path.Combine(_store.Root, "format")), Is.True);
    }

    [TestCase("orca store 2\n", "newer orca")]
    [TestCase("orca store two\n", "damaged")]
    public void Open_OtherFormat_IsRefused(string format, string message)
    {
        _store.OpenRoot().Open();
        File.WriteAllText(Path.Combine(_store.Root, "format"), format);
        Assert.That(() => _store.OpenRoot().TryOpen(), Throws.TypeOf<StoreException>().With.Message.Contains(message));
    }

    [TestCase("")]
    [TestCase("something\n")]
    public void Open_FormatOfAStoreIsDamaged_IsWrittenAgain(string format)
    {
        _store.Add(TestImage.Small(), "one");
        File.WriteAllText(Path.Combine(_store.Root, "format"), format);
        Assert.That(_store.Open().Images.List(), Has.Count.EqualTo(1));
        Assert.That(File.ReadAllText(Path.Combine(_store.Root, "format")), Is.EqualTo("orca store 1\n"));
    }

    [Test]
    public void Open_ImagesWithoutAFormat_AreNotTaken_AndStay()
    {
        _store.Add(TestImage.Small(), "one");
        File.Delete(Path.Combine(_store.Root, "format"));
        var before = TreeListing.Paths(_store.Root);
        Assert.That(() => _store.OpenRoot().Open(), Throws.TypeOf<StoreException>().With.Message.Contains("holds other files"));
        Assert.That(TreeListing.Paths(_store.Root), Is.EqualTo(before));
    }

    [Test]
    public void Open_UnknownFilesInside_AreLeftAlone()
    {
        _store.OpenRoot().Open();
        File.WriteAllText(Path.Combine(_store.Root, "README"), "x");
        Directory.CreateDirectory(Path.Combine(_store.Root, "images", "not-a-digest"));
        File.WriteAllText(Path.Combine(_store.Root, "refs", "junk"), "junk");
        Assert.That(_store.Open().Images.List(), Is.Empty);
        Assert.That(_store.Open().Containers.List(), Is.Empty);
    }

    [Test]
    public void Open_FromManyAtOnce_MakesOneStore()
    {
        Parallel.For(0, 16, _ =>
        {
            using var root = new Orca.Registry.Store.StoreRoot(Orca.Registry.Store.StoreLocation.Resolve(_store.Root));
            root.Open();
        });
        Assert.That(Directory.GetFiles(_store.Root, "*", new EnumerationOptions { AttributesToSkip = 0 }), Has.Length.EqualTo(1));
    }

    public void Dispose() => _store.Dispose();

    private static int Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
