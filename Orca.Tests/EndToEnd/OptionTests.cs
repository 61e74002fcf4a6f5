using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class OptionTests
{
    private Home _home = null!;

    [SetUp]
    public void MakeHome() => _home = World.Shared;

    [Test]
    public void Volume_IsSeenAndWritten()
    {
        _home.Shell("mkdir -p out && rm -f out/*").Succeeds();
        World.Orca("run", "-v", _home.Directory + "/out:/deep/new/out", World.Busybox, "sh", "-c", "echo hi > /deep/new/out/f").Succeeds();
        _home.Shell("cat out/f").Prints("hi");
    }

    [Test]
    public void Volume_ReadOnly_CannotBeWritten()
    {
        _home.Shell("mkdir -p src && echo text > src/f").Succeeds();
        var refused = World.Orca("run", "-v", _home.Directory + "/src:/src:ro", World.Busybox, "sh", "-c", "cat /src/f; echo x > /src/f");
        Assert.That(refused.Status, Is.Not.Zero);
        Assert.That(refused.Output, Is.EqualTo("text\n"));
        Assert.That(refused.Errors, Does.Contain("Read-only file system"));
        _home.Shell("cat src/f").Prints("text");
    }

    [Test]
    public void Volume_ReadOnly_CannotBeRemountedWritable()
    {
        _home.Shell("mkdir -p src && echo text > src/f").Succeeds();
        World.Orca("run", "-v", _home.Directory + "/src:/src:ro", World.Busybox, "sh", "-c", "mount -o remount,rw,bind /src 2>/dev/null; umount /src 2>/dev/null; echo x > /src/f");
        _home.Shell("cat src/f").Prints("text");
    }

    [Test]
    public void Volume_OfASingleFile_IsThatFile()
    {
        var file = _home.Write("single", "one file\n");
        World.Orca("run", "-v", file + ":/etc/single:ro", World.Busybox, "cat", "/etc/single").Prints("one file");
    }

    [Test]
    public void Volume_ThatIsMissing_IsRefusedByName()
        => Assert.That(World.Orca("run", "-v", "/no/such/place:/x", World.Busybox, "true").Ends(125).Errors, Does.Contain("'/no/such/place'"));

    [Test]
    public void Volume_BelowASymbolicLinkOfTheImage_StaysInside()
    {
        _home.Shell("mkdir -p src && echo text > src/f").Succeeds();
        World.Orca("run", "--name", "linked", World.Busybox, "sh", "-c", "mkdir -p /var/tmp && ln -s /../../../../var/tmp /escape").Succeeds();
        World.Orca("run", "--name", "linked", "-v", _home.Directory + "/src:/escape/here", World.Busybox, "cat", "/var/tmp/here/f").Prints("text");
        Assert.That(Path.Exists("/var/tmp/here"), Is.False);
    }

    [Test]
    public void Variables_AreGivenOneByOneByFileAndFromTheHost()
    {
        var file = _home.Write("variables", "# a comment\nB=two words\nC=\n");
        _home.Orca("run", "-e", "A=1", "--env-file", file, "-e", "HOSTS", World.Busybox, "sh", "-c", "echo \"$A|$B|$C|$HOSTS|$UNGIVEN\"")
            .With("HOSTS", "taken").With("UNGIVEN", "left").Run().Prints("1|two words||taken|");
    }

    [Test]
    public void WorkingDirectory_IsMadeWhenMissing()
        => World.Orca("run", "-w", "/made/for/this", World.Busybox, "pwd").Prints("/made/for/this");

    [TestCase("0", "0")]
    [TestCase("root", "0")]
    public void User_Root_ByNumberAndName(string user, string id)
        => World.Orca("run", "-u", user, World.Busybox, "id", "-u").Prints(id);

    [Test]
    public void User_ByNumber_IsThatUserAndOwnsItsMounts()
    {
        _home.Shell("mkdir -p owned && rm -f owned/*").Succeeds();
        World.Orca("run", "-u", "1000", "-v", _home.Directory + "/owned:/owned", World.Busybox, "sh", "-c", "id -u; touch /owned/f && stat -c %u /owned/f").Prints("1000\n1000");
        Assert.That(World.Tool("stat", "-c", "%U", _home.Directory + "/owned/f").Output.Trim(), Is.EqualTo(World.User));
    }

    [Test]
    public void User_ByNameOfTheImage_IsLookedUpThere()
        => World.Orca("run", "-u", "nobody", World.Busybox, "id", "-un").Prints("nobody");

    [Test]
    public void User_Unknown_IsRefused()
        => Assert.That(World.Orca("run", "-u", "nosuchuser", World.Busybox, "true").Ends(125).Errors, Does.Contain("'nosuchuser'"));

    [Test]
    public void Hostname_IsSetInsideAndResolves()
        => World.Orca("run", "--hostname", "box", World.Busybox, "sh", "-c", "hostname; cat /etc/hostname; grep -cw box /etc/hosts").Prints("box\nbox\n1");

    [Test]
    public void Entrypoint_IsReplacedAndTakesTheArguments()
        => World.Orca("run", "--entrypoint", "echo", World.Dev, "one", "two").Prints("one two");

    [Test]
    public void AllTogether_AsInTheReadme()
    {
        _home.Shell("mkdir -p all out && echo text > all/f").Succeeds();
        var file = _home.Write("variables", "B=2\n");
        _home.Orca(
            "run", "-v", _home.Directory + "/all:/src:ro", "-v", _home.Directory + "/out:/out", "-e", "A=1", "--env-file", file,
            "-w", "/src", "-u", "1000", "--hostname", "box", "--entrypoint", "sh", World.Busybox, "-c", "cat f; echo $A$B $(hostname) $(id -u)")
            .Run().Prints("text\n12 box 1000");
    }

    [Test]
    public void Option_Unknown_IsRefusedByName()
        => Assert.That(World.Orca("run", "--no-such-option", World.Busybox).Ends(125).Errors, Does.Contain("--no-such-option"));
}
