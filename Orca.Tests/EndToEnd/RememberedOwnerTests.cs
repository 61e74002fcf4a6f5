using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Owners, devices and modes that programs of a container set with one id of the host are in what is exported of it (docs/identity.md).</summary>
[Category("EndToEnd")]
public sealed class RememberedOwnerTests
{
    // What an attribute of a file has: getxattr(2), in Debian's perl.
    private const string Length = "perl -e 'my ($f, $n, $b) = (\"/f\", \"user.orca.owner\", \" \" x 64); print syscall(191, $f, $n, $b, 64), \"\\n\"'";

    private Home _home = null!;

    private int _count;

    private string Box => $"box{_count}";

    [OneTimeSetUp]
    public void Pull()
    {
        _home = new Home("owners");
        _home.Orca("pull", "-q", World.Debian).Within(120).Run().Succeeds();
    }

    [OneTimeTearDown]
    public void Remove() => _home.Dispose();

    [SetUp]
    public void TakeANewName() => _count++;

    [TestCase("touch f; chown 33:44 f", "f 33:44 -rw-r--r--")]
    [TestCase("touch f; chown 33 f; chgrp 44 f", "f 33:44 -rw-r--r--")]
    [TestCase("touch f; chgrp 44 f", "f 0:44 -rw-r--r--")]
    [TestCase("touch f; chown 33:44 f; mv f g; echo x >> g", "g 33:44 -rw-r--r--")]
    [TestCase("touch f; chown 33:44 f; ln f g", "f 33:44 -rw-r--r--\ng 33:44 hrw-r--r--")]
    [TestCase("touch f; chown 33:44 f; cp -a f g; cp f h", "f 33:44 -rw-r--r--\ng 33:44 -rw-r--r--\nh 0:0 -rw-r--r--")]
    [TestCase("ln -s x f; chown -h 33:44 f; mv f g", "g 33:44 lrwxrwxrwx")]
    [TestCase("touch x; ln -s x f; chown 33:44 f", "f 0:0 lrwxrwxrwx\nx 33:44 -rw-r--r--")]
    [TestCase("mkfifo f; chown 33:44 f", "f 33:44 prw-r--r--")]
    [TestCase("mkdir d; chown 33:44 d; touch d/f; mkdir d/e; touch d/e/f; chown 1 d/e", "d 33:44 drwxr-xr-x\nd/e 1:44 drwxr-xr-x\nd/e/f 1:44 -rw-r--r--\nd/f 33:44 -rw-r--r--")]
    [TestCase("mkdir d; touch d/f; chown 0:0 d d/f; sleep 0.01; chown 33 d", "d 33:0 drwxr-xr-x\nd/f 0:0 -rw-r--r--", TestName = "File_ThatIsRoots_StaysRoots_WhenItsDirectoryIsGivenAway")]
    [TestCase("mkdir d; echo a > d/f; chown -R 33:44 d; sed -i s/a/b/ d/f", "d 33:44 drwxr-xr-x\nd/f 33:44 -rw-r--r--", TestName = "File_ThatRootEdits_StaysItsOwners")]
    [TestCase("mkdir d; touch d/f; chown -R 33:44 d; chown -R 0:0 d", "d 0:0 drwxr-xr-x\nd/f 0:0 -rw-r--r--")]
    [TestCase("touch f; chmod 6755 f; chown 33:44 f", "f 33:44 -rwxr-xr-x", TestName = "SetIdBits_GoWithAChangeOfOwner")]
    [TestCase("touch f; chown 33:44 f; chmod 6755 f", "f 33:44 -rwsr-sr-x")]
    [TestCase("mkdir d; chgrp 44 d; chmod 2770 d", "d 0:44 drwxrws---")]
    [TestCase("mknod f c 1 3; mknod g b 8 0; chown 0:6 g; chmod 600 g", "f 0:0 crw-r--r--\ng 0:6 brw-------")]
    [TestCase("touch f; chown 4294967294:70000 f", "f 4294967294:70000 -rw-r--r--")]
    [TestCase("touch f; perl -e 'chroot \"/w\"; chdir \"/\"; print chown 33, 44, \"/f\"'", "f 33:44 -rw-r--r--")]
    [TestCase("touch f; exec 3<f; rm f; chown 1:1 /proc/self/fd/3; touch g", "g 0:0 -rw-r--r--")]
    public void Owner_IsExported(string script, string entries)
    {
        Run(_home, $"mkdir /w; cd /w; {script}").Succeeds();
        Assert.That(Entries(_home, "w/").Select(static line => line.Replace("w/", "", StringComparison.Ordinal)), Is.EqualTo(entries.Split('\n')));
    }

    [Test]
    public void Owner_OfTheImagesFiles_IsChangedAndExported()
    {
        Run(_home, "chown 33:44 /etc/motd /etc/shadow /var/mail; chown root:root /etc/gshadow; mv /etc/motd /etc/m; touch /var/mail/new").Succeeds();
        var entries = Entries(_home, "");
        Assert.That(entries, Is.SupersetOf(new[] { "etc/m 33:44 -rw-r--r--", "etc/shadow 33:44 -rw-r-----", "var/mail 33:44 drwxrwsr-x", "var/mail/new 33:44 -rw-r--r--", "etc/gshadow 0:0 -rw-r-----" }));
    }

    [Test]
    public void Owner_ThatAUserSets_IsTheUsers()
    {
        Run(_home, "mkdir -m 777 /w; cd /w; exec setpriv --reuid=33 --regid=33 --clear-groups sh -c 'touch f g; chown 33:33 f; chown 34 g'").Ends(1);
        Assert.That(Entries(_home, "w/"), Is.EqualTo(["w/f 33:33 -rw-r--r--", "w/g 0:0 -rw-r--r--"]));
    }

    /// <summary>A joined command has no table: what only that could hold is forgotten.</summary>
    [Test]
    public void Owner_ThatAJoinedCommandSets_IsExported()
    {
        using (_home.Orca("run", "--name", Box, World.Debian, "sh", "-c", "mkdir /w; echo up; exec sleep 300").Within(120).Start().Until("up"))
        {
            const string script = "cd /w; touch f; mkdir d; mknod n c 1 3; ln -s f l; chown 33:44 f d; chown -h 33:44 l; touch d/f; setpriv --reuid=5 --regid=60 --clear-groups id -un";
            _home.Orca("exec", Box, "sh", "-ec", script).Run().Prints("games");
        }

        Assert.That(Entries(_home, "w/"), Is.EqualTo(["w/d 33:44 drwxr-xr-x", "w/d/f 33:44 -rw-r--r--", "w/f 33:44 -rw-r--r--", "w/l 0:0 lrwxrwxrwx", "w/n 0:0 crw-r--r--"]));
    }

    /// <summary>A container that goes with its run is no archive's: nothing is asked, and nothing copied up.</summary>
    [Test]
    public void Owner_InAContainerThatGoes_IsNotWritten()
    {
        _home.Orca("run", World.Debian, "sh", "-ec", $"touch /f; chown 33 /f; {Length}").Within(120).Run().Prints("-1");
        Run(_home, $"touch /f; chown 33 /f; {Length}").Prints("24");
    }

    [Test]
    public void Owner_OfTheCallersFiles_IsLeftAlone()
    {
        _home.Shell("mkdir v; touch v/f").Succeeds();
        _home.Orca("run", "--name", Box, "-v", _home.Directory + "/v:/v", World.Debian, "chown", "-R", "33:33", "/v", "/tmp").Within(120).Run().Succeeds();
        _home.Shell("perl -e 'my ($f, $n, $b) = (\"v/f\", \"user.orca.owner\", \" \" x 64); print syscall(191, $f, $n, $b, 64)'; stat -c %U v/f").Prints($"-1{World.User}");
    }

    /// <summary>What a hostile container writes where the init would is owners in an archive, or nothing; no file of the host is another's afterwards.</summary>
    [Test]
    public void Container_ThatWritesNotesItself_ChangesOwnersInTheArchiveAndNothingElse()
    {
        const string Script = """
            mkdir /w; cd /w
            note() { perl -e 'my ($f, $v, $n) = (shift, pack("H*", shift), "user.orca.owner"); exit(syscall(188, $f, $n, $v, length $v, 0) != 0)' "$@"; }
            touch short long kind ids device; note short 00; note long $(printf %0100d 0)
            note kind 010000000100000000800000000000000000000000000000
            note ids feffffffffffffff00000000000000000000000000000000
            note device 000000000000000000600000ffffffff0000000000000000
            ln -s loop loop; ln -s /proc/1/root/etc/passwd out; chown 1:1 loop out 2>/dev/null || true; chown -h 2:2 loop
            perl -e 'chown 5, 5, "/w/" . "x" x 5000; chown 5, 5, "/proc/1/fd/" . $_, "/proc/self/fd/$_", "../" x 200 . "w/../../../x" for 0 .. 30'
            perl -e 'my $p = ""; syscall(260, $_, $p, 7, 7, 0x1000) for -5, -100, 3, 99999, 2147483647; syscall(92, $_, 7, 7) for 0, 1, 0x7fffffffffff'
            """;
        Run(_home, Script).Succeeds();
        Assert.That(_home.Shell($"find . ! -user {World.User}").Output, Is.Empty);
        Assert.That(Entries(_home, "w/"), Is.EqualTo([
            "w/device 0:0 brw-r--r--", "w/ids 4294967294:7 -rw-r--r--", "w/kind 7:7 -rw-r--r--", "w/long 7:7 -rw-r--r--",
            "w/loop 2:2 lrwxrwxrwx", "w/out 7:7 lrwxrwxrwx", "w/short 7:7 -rw-r--r--",
        ]));
    }

    /// <summary>A device is a file until it is exported; the one that goes to docker or comes back is a device.</summary>
    [Test]
    public void Export_ComesBackAsItWas()
    {
        Run(_home, "mkdir /w; cd /w; touch f; chown 33:44 f; mknod n c 1 3; cp /bin/true t; chown 1:2 t; setcap cap_net_raw=ep t 2>/dev/null || true").Succeeds();
        var first = Entries(_home, "w/");
        _home.Shell($"\"$orca\" export {Box} -o x.tar && \"$orca\" import -q x.tar back:1").Succeeds();
        _home.Orca("run", "--name", "again", "back:1", "sh", "-c", "echo more > /w/f").Within(60).Run().Succeeds();
        Assert.That(Entries(_home, "w/", "again"), Is.EqualTo(first));
    }

    [Test]
    public void Owner_WhereThereAreSubIds_IsTheSameInTheArchive()
    {
        SubIds.Need();
        const string Script = "mkdir -p /w/d; cd /w; touch f d/g; ln -s x l; chown 33:44 f d d/g; chown -h 1:2 l; mknod n c 1 3; cp -a f c; cp -a d e";
        using var home = new Home("many", SubIds.User);
        Run(home, Script).Succeeds();
        home.Orca("run", "--userns=subids", "--name", "many", World.Debian, "sh", "-ec", Script).Within(120).Run().Succeeds();
        Assert.That(Entries(home, "w/", "many"), Is.EqualTo(Entries(home, "w/")));
        home.Orca("rm", "many").Run().Succeeds();
    }

    private Outcome Run(Home home, string script) => home.Orca("run", "--name", Box, World.Debian, "sh", "-ec", script).Within(120).Run();

    /// <summary>Name, owners and mode of what is below a directory.</summary>
    private string[] Entries(Home home, string below, string? name = null) =>
        [.. home.Shell($"\"$orca\" export {name ?? Box} | tar --numeric-owner -tvf - | awk '{{sub(\"/\", \":\", $2); sub(\"/$\", \"\", $0); n = $6; print n, $2, $1}}'").Succeeds().Lines
            .Where(line => line.StartsWith(below, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
