using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

[TestFixture]
internal sealed class StoreReadinessTests
{
    /// <summary>Row L43. A hard link stands for what a file system does that folds case: there is none here.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void L43_FileSystemThatFoldsCase_IsRefused(bool folds)
    {
        using var store = new TestStore();
        var path = Path.Combine(store.Base, "rootfs");
        File.WriteAllText(path, "");
        using var directory = FileSystem.OpenDirectory(null, PathZ.From(store.Base));
        if (folds)
        {
            Assert.That(FileSystem.TryHardLink(directory, PathZ.From("rootfs"), directory, PathZ.From("ROOTFS")), Is.EqualTo(Errno.None));
        }
        else
        {
            File.WriteAllText(Path.Combine(store.Base, "ROOTFS"), "");
        }

        Assert.That(
            () => StoreReadiness.RequireCase(directory, "rootfs", "/s"),
            folds ? Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot store the image: the file system of the store '/s' takes 'a' and 'A' for one name, so that files of an image would collide") : Throws.Nothing);
    }
}
