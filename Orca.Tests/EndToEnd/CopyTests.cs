using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary><c>orca cp</c>, with containers that run and that do not.</summary>
[Category("EndToEnd")]
public sealed class CopyTests
{
    private const string Tree =
        "mkdir -p /t/sub/deep && echo one >/t/one && chmod 4750 /t/one && ln /t/one /t/sub/two && ln -s ../one /t/sub/link && ln -s /nowhere /t/dangling && " +
        "chmod 700 /t/sub/deep && touch -d @1000000000 /t/sub/deep /t/one && mkfifo /t/fifo && truncate -s 64M /t/hole && printf x >>/t/hole";

    [Test]
    public void File_GoesOutAndIn([Values] bool runs)
    {
        using var home = Contained("echo inside >/file", runs);
        home.Orca("cp", "work:/file", ".").Run().Succeeds();
        Assert.That(File.ReadAllText(Path.Combine(home.Directory, "file")), Is.EqualTo("inside\n"));
        home.Orca("cp", "work:file", "other").Run().Succeeds();
        Assert.That(File.ReadAllText(Path.Combine(home.Directory, "other")), Is.EqualTo("inside\n"));
        home.Write("mine", "outside\n");
        home.Orca("cp", "mine", "work:/tmp").Run().Succeeds();
        home.Orca("cp", "./mine", "work:/file").Run().Succeeds();
        Show(home, runs, "cat /tmp/mine /file; stat -c %u:%g /file").Prints("outside\noutside\n0:0");
    }

    [Test]
    public void Directory_KeepsWhatItHas([Values] bool runs)
    {
        using var home = Contained(Tree, runs);
        home.Orca("cp", "work:/t", "copy").Run().Succeeds();
        home.Shell("cd copy && ls -a . sub && readlink sub/link dangling && stat -c %a one sub/deep fifo && stat -c %Y one sub/deep && stat -c %h one && stat -c %s hole && test $(stat -c %b hole) -lt 100")
            .Prints(".:\n.\n..\ndangling\nfifo\nhole\none\nsub\n\nsub:\n.\n..\ndeep\nlink\ntwo\n../one\n/nowhere\n750\n700\n644\n1000000000\n1000000000\n2\n67108865");
        home.Shell("chmod 4750 copy/one").Succeeds();
        home.Orca("cp", "copy", "work:/back").Run().Succeeds();
        Show(home, runs, "cd /back && stat -c %a one sub/deep && readlink sub/link && cmp one sub/two && stat -c %h one").Prints("4750\n700\n../one\n2");
    }

    /// <summary>As docker's manual says it: a name, a directory that is there, one that is not, and the content alone.</summary>
    [Test]
    public void Target_DecidesTheName()
    {
        using var home = Contained("mkdir -p /d/e /there && echo 1 >/d/e/f", runs: false);
        home.Orca("cp", "work:/d", "new").Run().Succeeds();
        home.Shell("mkdir there").Succeeds();
        home.Orca("cp", "work:/d", "there").Run().Succeeds();
        home.Orca("cp", "work:/d/.", "there").Run().Succeeds();
        home.Orca("cp", "work:/d/.", "fresh").Run().Succeeds();
        home.Shell("find new there fresh -type f | sort").Prints("fresh/e/f\nnew/e/f\nthere/d/e/f\nthere/e/f");
        home.Orca("cp", "work:/d/e/f", "missing/").Run().Ends(1).Complains("there is no such directory");
        home.Write("file", "kept");
        home.Orca("cp", "work:/d", "file").Run().Ends(1).Complains("cannot be copied over a file");
        home.Orca("cp", "work:/d/e/f", "no/such/place").Run().Ends(1).Complains("there is no directory 'no/such'");
        home.Orca("cp", "work:/none", ".").Run().Ends(1).Complains("there is nothing at this path");
        home.Orca("cp", "none:/x", ".").Run().Ends(1);
        home.Orca("cp", "work:/d/e/f", "/dev/null").Run().Ends(1).Complains("it is a device");
        home.Orca("cp", "a", "b").Run().Ends(125).Complains("names a container");
        Assert.That(File.ReadAllText(Path.Combine(home.Directory, "file")), Is.EqualTo("kept"));
    }

    [Test]
    public void Archive_GoesBothWays([Values] bool runs)
    {
        using var home = Contained("mkdir -p /a/b && echo 1 >/a/b/c", runs);
        home.Shell("$orca cp work:/a - | tar tf - | sort").Prints("a/\na/b/\na/b/c");
        home.Shell("$orca cp work:/a/b/c - | tar xOf -").Prints("1");
        home.Shell("mkdir -p x/lib && echo 2 >x/lib/y && tar cf - -C x . | $orca cp - work:/a").Succeeds();
        Show(home, runs, "cat /a/lib/y /a/b/c").Prints("2\n1");
        home.Shell("tar czf - -C x lib | $orca cp - work:/a/b").Succeeds();
        Show(home, runs, "cat /a/b/lib/y").Prints("2");
        home.Shell("echo garbage | $orca cp - work:/a").Complains("this is not a tar archive");
        home.Shell("echo | $orca cp - work:/a/none").Ends(1).Complains("unpacked into a directory");
    }

    [Test]
    public void Links_LeadToNothingOfTheHost([Values] bool runs)
    {
        using var home = Contained("true", runs);
        home.Write("secret", "secret");
        Show(home, runs, $"ln -s {home.Directory}/secret /leaf; ln -s {home.Directory} /dir; mkdir /out; ln -s {home.Directory} /out/dir; ln -s /proc/self/environ /env; ln -s /proc/self/root /top").Succeeds();
        home.Orca("cp", "-L", "work:/leaf", "got").Run().Ends(1);
        home.Orca("cp", "work:/dir/secret", "got").Run().Ends(1);
        home.Orca("cp", "-L", "work:/env", "got").Run().Ends(1);
        home.Orca("cp", "work:/top/" + home.Directory + "/secret", "got").Run().Ends(1);
        home.Write("new", "new");
        home.Orca("cp", "new", "work:/dir/planted").Run().Ends(1);
        home.Orca("cp", "new", "work:/leaf").Run().Ends(1);
        Assert.That(File.ReadAllText(Path.Combine(home.Directory, "secret")), Is.EqualTo("secret"));
        Assert.That(File.Exists(Path.Combine(home.Directory, "planted")), Is.False);
        home.Orca("cp", "work:/out", ".").Run().Succeeds();
        Show(home, runs, "rm /out/dir; mkdir /out/dir; echo evil >/out/dir/secret").Succeeds();
        home.Orca("cp", "work:/out", ".").Run().Ends(1).Complains("a file or a link where a directory must be");
        Assert.That(File.ReadAllText(Path.Combine(home.Directory, "secret")), Is.EqualTo("secret"));
    }

    [Test]
    public void Mounts_AreWhereTheContainerHasThem([Values] bool runs)
    {
        using var home = new Home();
        home.Shell("mkdir shared").Succeeds();
        home.Orca("run", "--name", "work", "-v", "data:/data", "-v", "./shared:/shared", World.Busybox, "true").Run().Succeeds();
        Start(home, runs);
        home.Write("file", "1\n");
        home.Orca("cp", "file", "work:/data").Run().Succeeds();
        home.Orca("cp", "file", "work:/shared").Run().Succeeds();
        home.Orca("cp", "file", "work:/etc/hosts").Run().Succeeds();
        home.Orca("cp", "work:/data", "copy").Run().Succeeds();
        home.Shell("cat shared/file copy/file").Prints("1\n1");
        home.Orca("cp", "shared", "work:/shared").Run().Ends(1).Complains("into itself");
        home.Orca("cp", "work:/proc/self", "x").Run().Ends(1).Complains("belongs to the kernel");
    }

    [Test]
    public void Copy_ChangesNothingThatTheContainerRemembers()
    {
        using var home = Contained("exit 3", runs: false);
        var before = home.Orca("inspect", "work").Run().Succeeds().Output;
        home.Orca("cp", "work:/etc", "copy").Run().Succeeds();
        Assert.That(home.Orca("inspect", "work").Run().Succeeds().Output, Is.EqualTo(before));
    }

    /// <summary>The container's root may read them; so may its owner on the host.</summary>
    [Test]
    public void Files_WithoutPermissions_AreCopied([Values] bool runs)
    {
        using var home = Contained("mkdir /m; echo 1 >/m/f; chmod 0 /m/f /m", runs);
        home.Orca("cp", "work:/m", "m").Run().Succeeds();
        home.Shell("stat -c %a m; chmod 700 m; stat -c %a m/f; chmod 600 m/f; cat m/f").Prints("0\n0\n1");
        Show(home, runs, "stat -c %a /m /m/f").Prints("0\n0");
        home.Orca("rm", "-f", "work").Run().Succeeds();
    }

    [Test]
    public void Containers_CopyToEachOther()
    {
        using var home = Contained("echo 1 >/one", runs: false);
        home.Orca("run", "--name", "other", World.Debian, "true").Run().Succeeds();
        home.Orca("cp", "work:/one", "other:/two").Run().Succeeds();
        home.Orca("run", "--name", "other", World.Debian, "cat", "/two").Run().Prints("1");
        home.Orca("cp", "work:/one", "work:/two").Run().Ends(125).Complains("orca exec NAME cp");
    }

    /// <summary>Debian's /lib is a link; an archive with a directory of that name goes where it leads.</summary>
    [Test]
    public void Directory_GoesThroughALinkOfTheContainer()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Debian, "true").Run().Succeeds();
        home.Shell("mkdir -p root/lib && echo 1 >root/lib/mine && $orca cp root/. work:/").Succeeds();
        home.Orca("run", "--name", "work", World.Debian, "sh", "-c", "readlink /lib; cat /usr/lib/mine").Run().Prints("usr/lib\n1");
    }

    private static Home Contained(string script, bool runs)
    {
        var home = new Home();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", script).Run();
        Start(home, runs);
        return home;
    }

    private static void Start(Home home, bool runs)
    {
        if (runs)
        {
            home.Orca("run", "-d", "--name", "work", World.Busybox, "sleep", "1000").Run().Succeeds();
        }
    }

    private static Outcome Show(Home home, bool runs, string script) => runs
        ? home.Orca("exec", "work", "sh", "-c", script).Run()
        : home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", script).Run();
}
