using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Hosts on which sub-ids cannot be had, each built in a mount namespace: 125, the cause, and who can do what about it. Row H09.</summary>
[Category("EndToEnd")]
public sealed class SubIdRefusalTests
{
    private Home _home = null!;

    [OneTimeSetUp]
    public void EnterHome()
    {
        SubIds.Need();
        _home = new Home("refused", SubIds.User);
        _home.Orca("pull", World.Busybox).Run().Succeeds();
    }

    [OneTimeTearDown]
    public void LeaveHome() => _home?.Dispose();

    [Test]
    public void H09_AccountWithoutALine_IsToldWhatAnAdministratorTypes()
    {
        World.Orca("pull", World.Busybox).Succeeds();
        var refused = World.Orca("run", "--userns=subids", World.Busybox, "true").Ends(125);
        Assert.That(refused.Errors, Does.Match($"^orca: cannot use '--userns=subids': /etc/subuid has no line for '{World.User}'\nhint: sudo usermod --add-subuids [0-9]+-[0-9]+ --add-subgids [0-9]+-[0-9]+ {World.User}\n$"));
        Assert.That(World.Orca("doctor").Output, Does.Contain($"/etc/subuid has no line for '{World.User}'; containers run under one id"));
    }

    [TestCase("mount --bind /dev/null /usr/bin/newuidmap", "newuidmap is not installed", "apt-get install uidmap")]
    [TestCase("mount --bind /dev/null /usr/bin/newgidmap", "newgidmap is not installed", "apt-get install uidmap")]
    [TestCase("cp /usr/bin/newuidmap $d/copy && chmod 755 $d/copy && mount --bind $d/copy /usr/bin/newuidmap", "/usr/bin/newuidmap is neither set-uid root nor has file capabilities", "apt-get install uidmap")]
    [TestCase("mount --bind /usr/bin/newuidmap /usr/bin/newuidmap && mount -o remount,bind,nosuid /usr/bin/newuidmap", "newuidmap: write to uid_map failed: Operation not permitted", "the program has lost what lets it write maps")]
    [TestCase("echo $u:200000:1000 > $d/subuid && mount --bind $d/subuid /etc/subuid", "/etc/subuid gives 'orca-subids' 1000 ids, fewer than 65536", "sudo usermod --add-subuids")]
    [TestCase("printf '%s:200000:65536\\nbob:220000:5\\n' $u > $d/subuid && mount --bind $d/subuid /etc/subuid", "/etc/subuid gives 220000-220004 to 'bob' too", "sudo usermod --add-subuids")]
    [TestCase("printf '%s\\n%s:\\n:::\\n' $u $u > $d/subuid && mount --bind $d/subuid /etc/subuid", "/etc/subuid has no line for 'orca-subids'", "sudo usermod --add-subuids")]
    [TestCase("echo subid: sss > $d/order && mount --bind $d/order /etc/nsswitch.conf && mount --bind /dev/null /usr/bin/getsubids", "/etc/nsswitch.conf says that 'sss' knows the sub-ids", "let an administrator")]
    public void H09_Host_IsNamedWithItsCure(string host, string cause, string cure)
    {
        var refused = On(host, "run", "--userns=subids", World.Busybox, "true").Ends(125);
        Assert.That(refused.Errors, Does.Contain(cause).And.Contain("hint: ").And.Contain(cure));
        Assert.That(refused.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2), "a cause and a hint");
        Assert.That(On(host, "doctor").Output, Does.Match($"fallback +sub-ids: .*{System.Text.RegularExpressions.Regex.Escape(cause)}"));
        On(host, "run", World.Busybox, "echo", "one id does").Prints("one id does");
    }

    [Test]
    public void H09_LineByNumber_Serves()
    {
        const string host = "n=$(id -u $u); for f in subuid subgid; do sed s/^$u:/$n:/ /etc/$f > $d/$f && mount --bind $d/$f /etc/$f; done";
        On(host, "run", "--userns=subids", World.Busybox, "sh", "-c", "touch /f && chown 7:8 /f && stat -c '%u %g' /f").Prints("7 8");
    }

    [Test]
    public void H10_AnotherGroupThanTheAccounts_IsRefused_AndExplained()
    {
        var refused = _home.Orca("run", "--userns=subids", World.Busybox, "true").As(SubIds.User, "daemon").Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("newuidmap: Target process").And.Contain("the group be the one of /etc/passwd"));
    }

    [Test]
    public void Remove_WhereSubIdsAreGone_SaysWhatIsLeft()
    {
        _home.Orca("run", "--userns=subids", "--name", "orphan", World.Busybox, "sh", "-c", "mkdir -m 700 /d && touch /d/f && chown -R 7 /d").Run().Succeeds();
        var removed = On("mount --bind /dev/null /usr/bin/newuidmap", "rm", "orphan").Ends(0);
        Assert.That(removed.Errors, Does.Contain("in the store: EPERM").And.Contain("'orca doctor' says what they lack"));
        _home.Orca("system", "prune").Run().Succeeds();
        Assert.That(World.Tool("find", _home.Directory, "!", "-user", SubIds.User).Output, Is.Empty);
    }

    [Test]
    public void Export_WhereSubIdsAreGone_WritesNothing()
    {
        _home.Orca("run", "--userns=subids", "--name", "shut", World.Busybox, "sh", "-c", "mkdir -m 700 /d && touch /d/f && chown -R 7 /d").Run().Succeeds();
        var refused = On("mount --bind /dev/null /usr/bin/newuidmap", "export", "shut").Ends(125);
        Assert.That(refused.Bytes, Is.Empty);
        Assert.That(refused.Errors, Does.Contain("newuidmap is not installed").And.Contain("hint: "));
        Assert.That(On("true", "export", "shut", "-o", "x.tar").Status, Is.Zero);
        _home.Orca("rm", "shut").Run().Succeeds();
    }

    /// <summary>Runs orca where root has changed the host before, for it alone; the script has a directory $d and the account $u.</summary>
    private Outcome On(string host, params string[] arguments)
    {
        var directory = Directory.CreateTempSubdirectory("orca-host-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)Convert.ToInt32("755", 8));
        try
        {
            return _home.Orca(arguments).Under("unshare", "-m", "sh", "-ec", $"d={directory} u={SubIds.User}; {host}; exec \"$@\"", "sh").Run();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
