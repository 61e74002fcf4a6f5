using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Root of one id does what root does in any container, on a host where nobody has set up anything.</summary>
[Category("EndToEnd")]
public sealed class RootWithoutRootTests
{
    [TestCase("useradd -m -u 1234 bob && id -u bob && test -d /home/bob", "1234")]
    [TestCase("useradd bob && su bob -c 'echo as bob'", "as bob")]
    [TestCase("groupadd -g 77 crew && useradd -g crew bob && id -gn bob", "crew")]
    [TestCase("useradd bob && echo bob:secret | chpasswd && grep -c '^bob:[$]' /etc/shadow", "1")]
    [TestCase("useradd bob && mkdir -p /t/a && touch /t/a/f && chown -R bob:bob /t && chgrp daemon /t/a && echo done", "done")]
    [TestCase("useradd bob && install -o bob -g bob -m 4755 /bin/true /t && stat -c %a /t", "4755")]
    [TestCase("install -d -o daemon -g daemon -m 750 /t/d/e && stat -c %a /t/d/e", "750")]
    [TestCase("mknod /t c 1 3 && mknod /p p && stat -c %F /p", "fifo")]
    [TestCase("cp -a /dev/null /t && stat -c '%F %a' /t", "regular empty file 666")]
    [TestCase("mknod -m 640 /t b 8 0 && chmod 600 /t && touch -d @5 /t && chown daemon /t && stat -c '%a %Y' /t", "600 5")]
    [TestCase("mkdir /t && cd /t && umask 027 && mknod n c 1 3 && stat -c %a n", "640")]
    [TestCase("mknod /t c 1 3 && mknod /t c 1 3 2>/dev/null || mknod /nonesuch/t c 1 3 2>/dev/null || echo refused", "refused")]
    [TestCase("setpriv --bounding-set=-mknod --inh-caps=-all mknod /t c 1 3 2>/dev/null || ls /t 2>/dev/null || echo refused", "refused")]
    [TestCase("tar -C / -cf /t.tar dev/null dev/zero && mkdir /t && tar -C /t -xpf /t.tar && stat -c %a /t/dev/null", "666")]
    [TestCase("mkdir -p /j/d && perl -e 'chroot \"/j\"; chdir \"/d\"; my $n = \"../n\"; print syscall(133, $n, 0x21B6, 0x103), syscall(133, my $m = \"/n\", 0x21B6, 0x103), \"\\n\"' && ls /j", "0-1\nd\nn")]
    [TestCase("cp -a /etc /t && diff -r /etc /t >/dev/null && echo same", "same")]
    [TestCase("tar -C / -cf /t.tar --numeric-owner etc var/log && mkdir /t && tar -C /t -xpf /t.tar --same-owner && cmp /etc/shadow /t/etc/shadow && stat -c %a /t/etc/shadow", "640")]
    [TestCase("chroot / true && setpriv --reuid daemon --regid daemon --clear-groups true && echo done", "done")]
    [TestCase("find / -xdev -mindepth 2 \\( ! -uid 0 -o ! -gid 0 \\); stat -c '%u %g' /var/cache/apt/archives/partial /etc/shadow", "0 0\n0 0", TestName = "L56_FilesOfAnyOwner_AreRootsInside")]
    [TestCase("dpkg --audit && apt-get check -qq && echo consistent", "consistent")]
    public void Root_DoesItsWork(string script, string output) => World.Orca("run", World.Debian, "sh", "-ec", script).Prints(output);

    [Test]
    public void Root_InAKeptContainer_FindsItAsItWasLeft()
    {
        using var home = new Home();
        home.Orca("run", "--name", "kept", World.Debian, "sh", "-ec", "useradd -m bob; chown -R bob: /home/bob").Within(120).Run().Succeeds();
        home.Orca("run", "--name", "kept", World.Debian, "sh", "-ec", "su bob -c 'echo hi > /home/bob/f'; id -un bob; cat /home/bob/f").Run().Prints("bob\nhi");
    }

    [Test]
    public void C19_Groups_HoldTheUsersOwn([Values("0", "1000")] string user) =>
        World.Orca("run", "-u", user, World.Busybox, "sh", "-c", "case \" $(id -G) \" in *\" $(id -g) \"*) echo yes;; *) id -G;; esac").Prints("yes");

    [TestCase("root", "0 0")]
    [TestCase("www-data", "33 33")]
    [TestCase("12:34", "12 34")]
    [TestCase("www-data:daemon", "33 1")]
    [TestCase("4000", "4000 0")]
    public void User_OfTheImageOrANumber_IsTheOneInside(string user, string ids) => World.Orca("run", "-u", user, World.Debian, "sh", "-c", "echo $(id -u) $(id -g)").Prints(ids);

    [Test]
    public void KeepId_HasTheCallersNumberInside()
    {
        var caller = World.Shared.Shell("echo $(id -u) $(id -g)").Output.Trim();
        World.Orca("run", "--userns", "keep-id", World.Debian, "sh", "-c", "echo $(id -u) $(id -g)").Prints(caller);
        World.Orca("run", "--userns=keep-id", "-u", "33:33", World.Debian, "sh", "-c", "echo $(id -u) $(id -g)").Prints("33 33");
    }

    [Test]
    public void Container_MadeInOneMode_IsNotEnteredInAnother()
    {
        using var home = new Home();
        home.Orca("run", "--userns=keep-id", "--name", "box", World.Busybox, "true").Within(120).Run().Succeeds();
        var refused = home.Orca("run", "--userns=auto", "--name", "box", World.Busybox, "true").Run();
        Assert.That(refused.Status, Is.EqualTo(125));
        Assert.That(refused.Errors, Does.Contain("made with '--userns=keep-id'"));
        home.Orca("run", "--name", "box", World.Busybox, "sh", "-c", "[ $(id -u) != 0 ] && echo kept").Run().Prints("kept");
    }

    [Test]
    public void S11_FileCapabilitiesAndSetUid_GiveAnotherUserNothing()
    {
        using var home = new Home();
        home.Orca("run", "--name", "box", World.Debian, "sh", "-ec", "cp /bin/grep /g; chmod 4755 /g; setcap cap_net_raw,cap_sys_chroot=ep /g 2>/dev/null || true; ls -l /g").Within(120).Run().Succeeds();
        home.Orca("run", "-u", "1000", "--name", "box", World.Debian, "/g", "-E", "^(Uid|CapPrm|CapEff)", "/proc/self/status").Run()
            .Prints("Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000");
    }
}
