using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Images from files and into files, with the tools of others at the other end.</summary>
[Category("EndToEnd")]
public sealed class ArchiveTests
{
    [TestCase("docker-archive:x.tar:one:1", "docker-archive:x.tar")]
    [TestCase("docker-archive:x.tar:one:1", "./x.tar")]
    [TestCase("oci-archive:x.tar:one:1", "oci-archive:x.tar")]
    [TestCase("oci-archive:x.tar:one:1", "./x.tar")]
    [TestCase("oci:layout:one:1", "oci:layout")]
    [TestCase("oci:layout:one:1", "./layout")]
    public void ArchiveOfSkopeo_IsLoadedAndRuns(string written, string read)
    {
        using var home = new Home();
        Skopeo(home, $"docker://{World.Busybox}", written);
        home.Orca("load", read).Run().Prints("loaded: one:1");
        home.Orca("run", "--pull", "never", "one:1", "echo", "from an archive").Run().Prints("from an archive");
        home.Orca("run", read, "echo", "at once").Run().Prints("at once");
    }

    [TestCase("gzip -c")]
    [TestCase("zstd -qc")]
    [TestCase("cat")]
    public void StandardInput_IsLoaded(string compress)
    {
        using var home = new Home();
        Skopeo(home, $"docker://{World.Busybox}", "docker-archive:x.tar:one:1");
        home.Shell($"{compress} < x.tar | \"$orca\" load -q").Prints("loaded: one:1");
        home.Shell($"{compress} < x.tar | \"$orca\" run -q - echo streamed").Prints("streamed");
        Assert.That(home.Files().Where(path => path.Contains("/staging/", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Warnings_ReachPeople_UnlessTheyAskForQuiet()
    {
        using var home = new Home();
        home.Shell("mkdir -p r/bin r/etc && touch r/bin/sh r/etc/passwd r/etc/.wh.one r/etc/.wh.two && tar cf deep.tar r").Succeeds();
        const string Deep = "all of it is in 'r/', which looks like a root file system; to make that the root, import that directory alone";
        const string Idle = "left out 2 entries whose names are those of whiteouts, which remove nothing there, such as 'r/etc/.wh.";
        Assert.That(home.Orca("import", "deep.tar").Run().Succeeds().Errors, Does.Contain("orca: note: " + Deep + "\n").And.Contain("orca: note: " + Idle));
        home.Shell("rm -rf .local");
        Assert.That(home.Orca("import", "--progress", "json", "deep.tar").Run().Succeeds().Errors, Does.Contain("""{"event":"note","message":"all of it is in """).And.Contain("""{"event":"note","message":"left out 2 entries """));
        home.Shell("rm -rf .local");
        Assert.That(home.Orca("import", "-q", "deep.tar").Run().Succeeds().Errors, Is.Empty);
    }

    [Test]
    public void Directory_WithAFileThatMayNotBeRead_IsRefusedByBothNames()
    {
        using var home = new Home();
        home.Shell("mkdir -p tree/etc && echo x > tree/etc/secret && chmod 000 tree/etc/secret").Succeeds();
        var refused = home.Orca("import", "-q", "./tree").Run().Ends(125);
        Assert.That(refused.Errors, Does.StartWith("orca: cannot load './tree': cannot read 'etc/secret': EACCES").And.Contain("hint: "));
    }

    [Test]
    public void Tree_AsTarballAsDirectoryAndByAddress_Runs()
    {
        using var home = new Home();
        home.Orca("run", "--name", "made", World.Busybox, "sh", "-c", "echo kept > /note; ln /note /twin; rm /bin/vi").Run().Succeeds();
        home.Orca("export", "-o", "tree.tar", "made").Run().Succeeds();
        home.Shell("mkdir tree && tar -C tree -xf tree.tar && gzip -k tree.tar").Succeeds();

        home.Orca("run", "-q", "./tree.tar", "cat", "/twin").Run().Prints("kept");
        home.Orca("run", "-q", "./tree", "sh", "-c", "cat /note; test -e /bin/vi || echo gone").Run().Prints("kept\ngone");
        home.Orca("import", "-q", "tree.tar.gz", "mine:1", "--change", "CMD [\"echo\", \"by default\"]").Run().Succeeds();
        home.Orca("run", "mine:1").Run().Prints("by default");

        using var server = new LoopbackServer(context => context.Response.OutputStream.Write(File.ReadAllBytes(Path.Combine(home.Directory, "tree.tar.gz"))));
        home.Orca("run", "-q", $"http://localhost:{server.Port}/tree.tar.gz?signature=secret", "cat", "/note").Run().Prints("kept");
        home.Orca("images").Run().Succeeds();
        Assert.That(home.Files().Where(path => path.Contains("/staging/", StringComparison.Ordinal)), Is.Empty);
    }

    /// <summary>containerd CVE-2026-50195.</summary>
    [Test]
    public void TakenName_IsNotTakenOver()
    {
        using var home = new Home();
        home.Orca("pull", World.Busybox).Run().Succeeds();
        Skopeo(home, $"docker://{World.Debian}", $"docker-archive:x.tar:{World.Busybox}:latest");
        var refused = home.Orca("load", "x.tar").Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("is another image's in the store").And.Contain("'--replace' takes the name away"));
        home.Orca("run", World.Busybox, "sh", "-c", "test -e /bin/busybox && echo busybox").Run().Prints("busybox");
        home.Orca("run", "-q", "./x.tar", "sh", "-c", "test -e /etc/debian_version && echo debian").Run().Prints("debian");
        home.Orca("load", "x.tar", "--replace").Run().Succeeds();
        home.Orca("run", World.Busybox, "sh", "-c", "test -e /etc/debian_version && echo debian").Run().Prints("debian");
    }

    [TestCase("docker-archive")]
    [TestCase("oci-archive")]
    public void SavedImage_IsUnpackedByUmociAsTheOriginal(string format)
    {
        Needs.Root("umoci unpacks owners and devices only as root");
        using var home = new Home();
        home.Orca("pull", "-q", World.Debian).Run().Succeeds();
        home.Shell($"\"$orca\" save --format {format} {World.Debian} > saved.tar").Succeeds();
        home.Orca("save", "--format", format, "-o", "again.tar", World.Debian).Run().Succeeds();
        home.Shell("cmp saved.tar again.tar").Succeeds();
        Assert.That(Unpack(home, $"{format}:{home.Directory}/saved.tar", "saved"), Is.EqualTo(Unpack(home, $"docker://{World.Debian}", "original")));
    }

    [Test]
    public void SavedImage_IsLoadedByPodman()
    {
        Needs.Root("podman's storage of the test lies in a directory of root's");
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Orca("save", "-o", "saved.tar", World.Busybox).Run().Succeeds();
        home.Orca("save", "--format", "oci-archive", "-o", "oci.tar", World.Busybox).Run().Succeeds();
        var storage = Path.Combine(World.Root, "podman");
        foreach (var archive in (string[])["saved.tar", "oci.tar"])
        {
            var loaded = World.Tool("podman", "--root", storage, "--runroot", storage + "-run", "--storage-driver", "vfs", "load", "-i", Path.Combine(home.Directory, archive));
            Assert.That(loaded.Succeeds().Output, Does.Contain($"{World.Busybox}:latest"));
        }
    }

    /// <summary>Root may read them in the container, and so does an export, which leaves them as they are.</summary>
    [Test]
    public void Export_HasFilesWithoutPermissions()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "mkdir -p /m/d; echo 1 >/m/d/f; chmod 0 /m/d/f /m/d /m").Run().Succeeds();
        home.Shell("$orca export work | tar tvf - | grep ' m/' | awk '{print $1, $6}'").Prints("d--------- m/\nd--------- m/d/\n---------- m/d/f");
        home.Orca("run", "--name", "work", World.Busybox, "stat", "-c", "%a", "/m", "/m/d", "/m/d/f").Run().Prints("0\n0\n0");
        home.Orca("rm", "work").Run().Succeeds();
    }

    [Test]
    public void Export_OfARunningContainer_ShowsItsChanges()
    {
        using var home = new Home();
        using var running = home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo now > /note; echo ready; cat").Start();
        Assert.That(World.Eventually(() => home.Orca("export", "work", "-o", "x.tar").Run().Status == 0 && home.Shell("tar -xOf x.tar note").Output == "now\n"), Is.True);
        running.Feed([]);
        running.Wait().Succeeds();
    }

    [Test]
    public void Save_ToAReaderThatGoesAway_EndsQuietly()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Debian).Run().Succeeds();
        var ended = home.Shell($"\"$orca\" save {World.Debian} | head -c 1000 | wc -c");
        ended.Prints("1000");
        Assert.That(ended.Errors, Is.Empty);
        Assert.That(home.Orca("export", "none").Run().Ends(125).Errors, Does.Contain("cannot export container 'none': there is none of that name"));
    }

    private static void Skopeo(Home home, string from, string to)
    {
        var place = to.IndexOf(':', StringComparison.Ordinal) + 1;
        World.Tool("skopeo", "copy", "-q", "--src-tls-verify=false", from, to.Insert(place, home.Directory + "/")).Succeeds();
        World.Tool("chmod", "-R", "a+rX", home.Directory).Succeeds();
        if (Environment.IsPrivilegedProcess)
        {
            World.Tool("chown", "-R", $"{World.User}:{World.User}", home.Directory).Succeeds(); // so that the account can remove it
        }
    }

    /// <summary>All that umoci makes of an image, one line for each name; devices have no times in orca's store.</summary>
    private static string[] Unpack(Home home, string image, string name)
    {
        var work = Path.Combine(World.Root, $"{Path.GetFileName(home.Directory)}-{name}");
        World.Tool("skopeo", "copy", "-q", "--src-tls-verify=false", image, $"oci:{work}:x").Succeeds();
        World.Tool("umoci", "unpack", "--image", $"{work}:x", work + "-bundle").Succeeds();
        var listed = World.Tool("sh", "-c", $"cd {work}-bundle/rootfs && find . '(' -type c -o -type b ')' -printf '%p %y %m %U %G\\n' -o -printf '%p %y %m %U %G %s %T@ %n %l\\n' && find . -type f -exec sha256sum '{{}}' +");
        return [.. listed.Succeeds().Lines.Order(StringComparer.Ordinal)];
    }
}
