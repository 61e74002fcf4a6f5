using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>--userns=host: the ids of the host, for who has them all.</summary>
[Category("EndToEnd")]
public sealed class HostIdTests
{
    private string _home = null!;

    [OneTimeSetUp]
    public void EnterHome()
    {
        Needs.Root("only root has the host's ids");
        _home = Directory.CreateTempSubdirectory("orca-root-").FullName;
        Orca("pull", World.Debian).Succeeds();
    }

    [OneTimeTearDown]
    public void LeaveHome()
    {
        if (_home is not null)
        {
            World.Tool("rm", "-rf", _home).Succeeds();
        }
    }

    [TestCase("cat /proc/self/uid_map | tr -s ' '", " 0 0 4294967295")]
    [TestCase("touch /f; chown 4000000:4000001 /f; stat -c '%u %g' /f", "4000000 4000001")]
    [TestCase("useradd -m bob; setpriv --reuid bob --regid bob --init-groups sh -c 'id -un; touch ~bob/f; stat -c %U ~bob/f'", "bob\nbob")]
    [TestCase("grep -E '^(NoNewPrivs|CapEff|CapBnd|CapInh)' /proc/self/status", "CapInh:\t0000000000000000\nCapEff:\t00000000a00425fb\nCapBnd:\t00000000a00425fb\nNoNewPrivs:\t1")]
    [TestCase("mknod /d b 8 0 2>/dev/null || mknod /c c 1 1 2>/dev/null || { test ! -e /d && test ! -e /c && echo refused; }", "refused")]
    [TestCase("for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /sys/kernel/uevent_helper /sys/fs/cgroup/x; do echo x 2>/dev/null > $f && echo $f; done; echo sealed", "sealed")]
    [TestCase("cat /proc/kcore | wc -c; mount -t tmpfs t /mnt 2>/dev/null || echo no mount; hostname x 2>/dev/null || echo no name", "0\nno mount\nno name")]
    [TestCase("kill -9 1; kill -0 1 && echo $$", "2")]
    public void Root_HasTheHostsIds_AndNoMoreThanDockersRoot(string script, string output) => Orca("run", "--userns=host", World.Debian, "sh", "-c", script).Prints(output);

    [TestCase("www-data", "33 33 33")]
    [TestCase("12:34", "12 34 34")]
    [TestCase("4000000000", null)]
    public void User_IsThatOfTheHost(string user, string? ids)
    {
        var outcome = Orca("run", "--userns=host", "-u", user, World.Debian, "sh", "-c", "echo $(id -u) $(id -g) $(id -G); grep CapEff /proc/self/status");
        if (ids is null)
        {
            outcome.Ends(125);
            return;
        }

        outcome.Prints(ids + "\nCapEff:\t0000000000000000");
    }

    [TestCase("--privileged")]
    [TestCase("--cap-add=MKNOD")]
    [TestCase("--security-opt=systempaths=unconfined")]
    public void More_IsRefused(string option) =>
        Assert.That(Orca("run", "--userns=host", option, World.Debian, "true").Ends(125).Errors, Does.Contain("would give the host itself"));

    [Test]
    public void Files_OfAKeptContainer_HaveTheirOwnersOnTheHost_AndGo()
    {
        Orca("run", "--userns=host", "--name", "box", World.Debian, "sh", "-c", "install -d -m 700 -o 1234 -g 5678 /d/e").Succeeds();
        Assert.That(World.Tool("stat", "-c", "%u %g", _home + "/containers/box/upper/d/e").Output, Is.EqualTo("1234 5678\n"));
        Assert.That(Orca("run", "--userns=auto", "--name", "box", World.Debian, "true").Ends(125).Errors, Does.Contain("made with '--userns=host'"));
        Orca("rm", "box").Succeeds();
        Assert.That(Directory.Exists(_home + "/containers/box"), Is.False);
    }

    [Test]
    public void OrdinaryUser_HasTheDefault_AndIsToldSo()
    {
        using var home = new Home();
        var outcome = home.Orca("run", "--userns=host", "--name", "box", World.Busybox, "sh", "-c", "echo $(cat /proc/self/uid_map)").Run().Succeeds();
        Assert.That(outcome.Output, Does.Match("^0 [1-9][0-9]* 1\n$"));
        Assert.That(outcome.Errors, Does.Contain("note: only root can have the host's ids: without root, '--userns=host' means what 'auto' means, one id, yours"));
        home.Orca("run", "--userns=auto", "--name", "box", World.Busybox, "true").Run().Succeeds();
    }

    private Outcome Orca(params string[] arguments) => new Command(World.Binary, ["--root", _home, .. arguments]).AsCaller().With("HOME", _home).Within(120).Run();
}
