using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A store of one user behind the store of another; stores on disks that cannot be written, or are full.</summary>
[Category("EndToEnd")]
public sealed class SharedStoreTests
{
    /// <summary>Room for disks that go with the mounts of the process.</summary>
    private const string Room = "mount -t tmpfs room /mnt && cd /mnt && ";

    [Test]
    public void ImageOfAnotherUser_RunsWithoutACopyAndWithoutALock()
    {
        Needs.Root("the shared store belongs to somebody else");
        using var shared = new TemporaryDirectory();
        Own("pull", shared, World.Busybox);
        Own("system", shared, "share");
        using var home = new Home();
        Command Orca(params string[] arguments) => home.Orca(arguments).With("ORCA_STORES", shared.Path);
        Assert.That(Orca("images").Run().Succeeds().Output, Does.Contain("localhost:5000/busybox").And.Contain(shared.Path));
        var before = World.Tool("find", shared.Path, "-printf", "%p %m %T@ %C@\n").Output;
        Orca("run", World.Busybox, "echo", "here").Run().Prints("here");
        Orca("run", World.Busybox, "sh", "-c", "echo new >/tmp/x && mkdir /etc/d && rm /etc/passwd && cat /tmp/x").Run().Prints("new");
        Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo kept >/mark").Run().Succeeds();
        Orca("run", "--name", "work", World.Busybox, "cat", "/mark").Run().Prints("kept");
        Orca("pull", "-q", World.Busybox).Run().Succeeds();
        Assert.That(home.Files().Where(path => path.EndsWith("/busybox", StringComparison.Ordinal)), Is.Empty, "nothing was copied");
        Assert.That(Orca("rmi", World.Busybox).Run().Ends(125).Errors, Does.Contain("stands behind this one and is only read"));
        Assert.That(World.Tool("find", shared.Path, "-printf", "%p %m %T@ %C@\n").Output, Is.EqualTo(before), "nothing was written there");
        Assert.That(World.Tool("find", shared.Path, "-perm", "/6000").Output, Is.Empty, "no set-id file");
        Orca("rm", "work").Run().Succeeds();
        Orca("prune").Run().Succeeds();
        Own("rmi", shared, World.Busybox);
        Assert.That(Orca("prune").Run().Succeeds().Output, Does.Contain("leftover"), "the frame went with its image");
    }

    [Test]
    public void FileOfAnotherUser_ThatIsClosed_CannotBeSaved()
    {
        Needs.Root("the shared store belongs to somebody else");
        using var shared = new TemporaryDirectory();
        Own("pull", shared, World.Debian);
        Own("system", shared, "share");
        using var home = new Home();
        var refused = home.Orca("save", "-o", "x.tar", World.Debian).With("ORCA_STORES", shared.Path).Run().Ends(125);
        Assert.That(refused.Errors, Does.Match("cannot read 'etc/[^']*': EACCES").And.Contain("pull the image into a store of your own"));
        Assert.That(home.Files().Where(static path => path.EndsWith("x.tar", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void StoreThatIsNotShared_CannotBeSeen()
    {
        Needs.Root("the store belongs to somebody else");
        using var closed = new TemporaryDirectory();
        Own("pull", closed, World.Busybox);
        using var home = new Home();
        var refused = home.Orca("run", "--pull", "never", World.Busybox, "true").With("ORCA_STORES", closed.Path).Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("EACCES").And.Contain("orca system share"));
        Assert.That(home.Orca("images").With("ORCA_ROOT", closed.Path).Run().Ends(125).Errors, Does.Contain("EACCES").Or.Contain("belongs to user"));
    }

    [Test]
    public void PathWithCharactersOfOverlay_IsNoTrouble()
    {
        using var home = new Home();
        var odd = Path.Combine(home.Directory, "a,b\\c d");
        home.Orca("--root", odd, "pull", "-q", World.Busybox).Run().Succeeds();
        home.Orca("run", "--pull", "never", World.Busybox, "echo", "odd").With("ORCA_STORES", odd).Run().Prints("odd");
    }

    [Test]
    public void ReadOnlyFileSystem_RefusesAPull_AndServesRuns()
    {
        Needs.Root("a file system is mounted");
        using var home = new Home();
        home.Orca("--root", home.Directory + "/ro", "pull", "-q", World.Busybox).Run().Succeeds();
        var script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";
        Command Mounted(params string[] arguments) => home.Orca(arguments).Under("unshare", "-m", "sh", "-c", script, "sh", home.Directory + "/ro");
        Assert.That(Mounted("--root", home.Directory + "/ro", "images").Run().Succeeds().Output, Does.Contain("busybox"));
        Assert.That(Mounted("--root", home.Directory + "/ro", "pull", "-q", World.Debian).Run().Ends(125).Errors, Does.Contain("read-only file system").And.Contain("ORCA_STORES="));
        Mounted("run", "--pull", "never", World.Busybox, "echo", "served").With("ORCA_STORES", home.Directory + "/ro").Run().Prints("served");
    }

    [TestCase("size=6m", "no space left", TestName = "FullDisk_SaysWhatIsNeededAndWhatIsThere")]
    [TestCase("size=64m,nr_inodes=60", "no inodes left", TestName = "NoInodes_SaysInodes")]
    public void FullDisk_IsTold(string options, string said)
    {
        Needs.Root("a small file system is mounted");
        using var home = new Home();
        home.Shell("mkdir small").Succeeds();
        var script = "mount -t tmpfs -o \"mode=777,$2\" small \"$1\" && shift 2 && exec \"$@\"";
        var pulled = home.Orca("--root", home.Directory + "/small/store", "pull", "-q", World.Busybox)
            .Under("unshare", "-m", "sh", "-c", options.Contains("nr_inodes", StringComparison.Ordinal) ? script : script.Replace("&& shift", "&& head -c 4m /dev/zero >\"$1/filler\" && shift", StringComparison.Ordinal), "sh", home.Directory + "/small", options)
            .Run();
        Assert.That(pulled.Ends(125).Errors, Does.Contain(said).Or.Contain("are free in the store").And.Contain("ORCA_ROOT"));
    }

    /// <summary>Row F24: what the kernel of this machine has.</summary>
    [TestCase("mount -t tmpfs -o mode=777 store \"$1\"", TestName = "FileSystem_Tmpfs_Works")]
    [TestCase("mount -t ramfs store \"$1\" && chmod 777 \"$1\"", TestName = "FileSystem_Ramfs_WithoutXattrsAndSizes_Works")]
    [TestCase(Room + "mkdir -m 777 lower upper work && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work store \"$1\" && chmod 777 \"$1\"", TestName = "FileSystem_Overlay_Works")]
    [TestCase(Room + "truncate -s 200m disk && mkfs.btrfs -q disk && mount -o loop disk \"$1\" && chmod 777 \"$1\"", TestName = "FileSystem_Btrfs_Works")]
    [TestCase(Room + "truncate -s 400m disk && mkfs.xfs -q disk && mount -o loop disk \"$1\" && chmod 777 \"$1\"", TestName = "FileSystem_Xfs_Works")]
    [TestCase(Room + "truncate -s 100m disk && mkfs.ext4 -q -O ^has_journal disk && mount -o loop disk \"$1\" && chmod 777 \"$1\"", TestName = "FileSystem_Ext4WithoutAJournal_Works")]
    public void FileSystem_OfTheStore_Works(string mount)
    {
        Needs.Root("a file system is mounted");
        using var home = new Home();
        home.Shell("mkdir place").Succeeds();
        var line = $"\"$orca\" pull -q {World.Busybox} && \"$orca\" run {World.Busybox} sh -c 'echo one >/note && cat /note' && \"$orca\" system check"
            + $" && \"$orca\" rmi {World.Busybox} >/dev/null && \"$orca\" system prune >/dev/null && cd \"$ORCA_ROOT\" && find images staging parts -mindepth 1";
        var outcome = home.Program("sh", "-c", line).With("orca", World.Binary).With("ORCA_ROOT", home.Directory + "/place/store")
            .Under("unshare", "-m", "sh", "-c", mount + " && shift && exec \"$@\"", "sh", home.Directory + "/place").Run().Succeeds();
        Assert.That(outcome.Output, Does.Match("(?s)\none\nchecked 1 image, [0-9]+ names: all sound\n[^/]*$"));
    }

    private static void Own(string command, TemporaryDirectory shared, string argument) =>
        new Command(World.Binary, "--root", shared.Path, command, argument).AsCaller().With("HOME", "/root").Run().Succeeds();

    private sealed class TemporaryDirectory : IDisposable
    {
        public TemporaryDirectory() => World.Tool("chmod", "755", Directory.CreateDirectory(Path).FullName);

        public string Path { get; } = System.IO.Path.Combine(World.Root, "shared-" + Guid.NewGuid().ToString("N")[..8]);

        public void Dispose() => World.Tool("rm", "-rf", Path);
    }
}
