using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Containers of many ids, run by an account that has some of its own: what root does in them is done, not answered.</summary>
[Category("EndToEnd")]
public sealed class SubIdTests
{
    private Home _home = null!;

    [OneTimeSetUp]
    public void EnterHome()
    {
        SubIds.Need();
        _home = new Home("subids", SubIds.User);
        _home.Orca("pull", World.Debian).Within(300).Run().Succeeds();
        _home.Orca("pull", World.Busybox).Within(300).Run().Succeeds();
    }

    [OneTimeTearDown]
    public void LeaveHome() => _home?.Dispose();

    [TestCase("useradd -m -u 1234 bob && stat -c '%U %u' /home/bob", "bob 1234")]
    [TestCase("useradd -m bob && su bob -c 'id -un; touch /home/bob/f && stat -c %U /home/bob/f; cat /etc/shadow 2>/dev/null || echo not his'", "bob\nbob\nnot his")]
    [TestCase("useradd -m bob && userdel -r bob && test ! -e /home/bob && echo gone", "gone")]
    [TestCase("chown 33:7 /etc/hostname-of-mine 2>/dev/null || : > /f; chown 33:7 /f; stat -c '%u %g' /f", "33 7")]
    [TestCase("mkdir -p /t/a && touch /t/a/f && chown -R daemon:games /t && stat -c '%U:%G' /t /t/a /t/a/f", "daemon:games\ndaemon:games\ndaemon:games")]
    [TestCase("install -o daemon -g daemon -m 4755 /usr/bin/id /i && setpriv --reuid 99 --regid 99 --clear-groups /i -un", "daemon")]
    [TestCase("setpriv --reuid 1000 --regid 1000 --groups 5,6 id -G", "1000 5 6")]
    [TestCase("touch /f && chown 65534:65534 /f && stat -c %U:%G /f", "nobody:nogroup")]
    [TestCase("touch /f; chown 99999 /f 2>/dev/null || echo no such id", "no such id")]
    [TestCase("mknod -m 640 /t c 1 3 && mknod /t2 b 8 0 && stat -c '%F %a %U' /t /t2 && mknod /p p && stat -c %F /p", "regular empty file 640 root\nregular empty file 644 root\nfifo")]
    [TestCase("cd /tmp && cp -a /dev/null c && mkdir t && tar -C /dev -cf - null | tar -C t -xpf - && stat -c '%F %a' c t/null && chown daemon t/null && stat -c %U t/null", "regular empty file 666\nregular empty file 666\ndaemon")]
    [TestCase("tar -C / -cf /t.tar --numeric-owner --owner=33 --group=7 etc/hosts && mkdir /t && tar -C /t -xpf /t.tar --same-owner && stat -c '%u %g' /t/etc/hosts", "33 7")]
    [TestCase("mkdir /var/tmp/d && chmod 700 /var/tmp/d && chown _apt /var/tmp/d && setpriv --reuid _apt --regid nogroup --clear-groups touch /var/tmp/d/f && stat -c %U /var/tmp/d/f", "_apt")]
    [TestCase("cat /proc/self/setgroups; grep -c . /proc/self/uid_map", "allow\n2")]
    [TestCase("grep -E '^(NoNewPrivs|CapEff|CapBnd|CapInh|Groups)' /proc/self/status | tr -d ' '", "Groups:\t0\nCapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t0")]
    [TestCase("dpkg --audit && apt-get check -qq && echo consistent", "consistent")]
    public void Root_DoesItsWork_ForReal(string script, string output) => Run("sh", "-ec", script).Prints(output);

    [TestCase("root", "0 0 0")]
    [TestCase("www-data", "33 33 33")]
    [TestCase("12:34", "12 34 34")]
    [TestCase("www-data:daemon", "33 1 1")]
    [TestCase("4000", "4000 0 0")]
    [TestCase("0:7", "0 7 7")]
    public void User_IsTheOneInside(string user, string ids) => Run("-u", user, World.Debian, ["sh", "-c", "echo $(id -u) $(id -g) $(id -G)"]).Prints(ids);

    [Test]
    public void User_HasTheGroupsThatListIt_AndCanBecomeRootBySetUidOnly()
    {
        Kept("box", "useradd -m -G daemon,games bob; install -m 4755 /usr/bin/id /i; install -m 755 /usr/bin/id /plain").Succeeds();
        var status = _home.Orca("run", "-u", "bob", "--name", "box", World.Debian, "sh", "-c", "echo $(id -Gn); /i -u; /plain -u; grep CapEff /proc/self/status; grep CapBnd /proc/self/status").Run().Succeeds();
        Assert.That(status.Lines, Is.EqualTo(["bob daemon games", "0", "1000", "CapEff:\t0000000000000000", "CapBnd:\t00000000a80425fb"]));
        _home.Orca("run", "-u", "bob", "--security-opt", "no-new-privileges", "--name", "box", World.Debian, "sh", "-c", "/i -u; grep NoNew /proc/self/status").Run().Prints("1000\nNoNewPrivs:\t1");
        _home.Orca("run", "-u", "bob", "--cap-drop", "ALL", "--name", "box", World.Debian, "grep", "-E", "^Cap(Inh|Prm|Bnd|Amb)", "/proc/self/status").Run()
            .Prints("CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000");
        _home.Orca("rm", "box").Run().Succeeds();
    }

    [Test]
    public void User_CanOpenItsStreamsAnew() =>
        _home.Shell($"echo in | \"$orca\" run --userns=subids -u 33 {World.Debian} sh -c 'echo out > /dev/stdout; cat /dev/stdin' | cat").Prints("out\nin");

    [Test]
    public void User_OwnsItsTerminal()
    {
        var line = $"HOME={_home.Directory} setpriv --reuid {SubIds.User} --regid {SubIds.User} --clear-groups {World.Binary} run --userns=subids -u 33 {World.Debian} sh -c 'stat -c %u $(tty); echo x > $(tty) && echo opened'";
        var outcome = World.Tool("script", "-qec", line, "/dev/null").Succeeds();
        Assert.That(outcome.Output.Replace("\r", "", StringComparison.Ordinal), Does.EndWith("33\nx\nopened\n"));
    }

    [Test]
    public void Signals_ReachACommandOfAnotherUser()
    {
        using var running = _home.Orca("run", "--userns=subids", "-u", "33", World.Debian, "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done").Start();
        running.Until("ready");
        World.Kill("TERM", running.Id);
        running.Wait(20).Ends(7);
    }

    [Test]
    public void Remove_DeletesWhatBelongsToSubIds()
    {
        Kept("box", "useradd -m bob; chmod 700 /home/bob; su bob -c 'mkdir -p /home/bob/a/b/c && touch /home/bob/a/b/c/f && chmod 500 /home/bob/a/b && ln -s /etc /home/bob/l && mkfifo /home/bob/p'; chown bob:bob /").Succeeds();
        Assert.That(_home.Shell($"rm -rf .local/share/orca/containers/box; test -e .local/share/orca/containers/box && echo resists").Output, Is.EqualTo("resists\n"), "else there is nothing to see here");
        _home.Orca("rm", "box").Run().Succeeds();
        Assert.That(Foreign(), Is.Empty);
    }

    [Test]
    public void Run_LeavesNothingOfSubIds_AndTheNextCanStart()
    {
        Run("sh", "-ec", "mkdir -m 700 /d /d/e && touch /d/e/f && chown -R 33:33 /d").Succeeds();
        Run("chown", "33", "/").Succeeds();
        Run("true").Succeeds();
        _home.Orca("run", World.Debian, "stat", "-c", "%u", "/").Run().Prints("0");
        Assert.That(Foreign(), Is.Empty);
    }

    [Test]
    public void KilledRun_IsSweptByPrune()
    {
        using (var running = _home.Orca("run", "--userns=subids", World.Debian, "sh", "-c", "mkdir -m 700 /d /d/e; head -c 100000 /dev/zero > /d/e/f; chown -R 33:33 /d; echo ready; sleep 100").Start())
        {
            running.Until("ready");
            World.Kill("KILL", running.Id);
            running.Wait(20);
        }

        Assert.That(Foreign(), Is.Not.Empty);
        var pruned = _home.Orca("system", "prune").Run().Succeeds();
        Assert.That(Foreign(), Is.Empty, pruned.Output + pruned.Errors);
    }

    [Test]
    public void Export_ReadsWhatSubIdsHaveClosed_WithTheOwnersOfTheContainer()
    {
        Kept("box", "useradd -m -u 1234 bob; su bob -c 'mkdir -m 700 /home/bob/d && echo secret > /home/bob/d/f && chmod 600 /home/bob/d/f'; chmod 700 /home/bob; install -o daemon -g games /dev/null /srv/given").Succeeds();
        const string list = "tar --numeric-owner -tvf - | awk '{print $2, $6}' | grep -E ' (home/bob/(d/f?)?|srv/given|usr/bin/chage)$' | sort -k2";
        _home.Shell($"\"$orca\" export box | {list}").Prints("1234/1234 home/bob/\n1234/1234 home/bob/d/\n1234/1234 home/bob/d/f\n1/60 srv/given\n0/42 usr/bin/chage");
        _home.Shell($"\"$orca\" export -o box.tar box && tar -xOf box.tar home/bob/d/f && stat -c %U box.tar && ls -A | grep -c box && rm box.tar").Prints($"secret\n{SubIds.User}\n1");
        Assert.That(_home.Shell("\"$orca\" export -o /none/box.tar box").Ends(125).Errors, Does.StartWith("orca: cannot export to '/none/box.tar'"));
        _home.Orca("rm", "box").Run().Succeeds();
    }

    [TestCase("subids", "auto")]
    [TestCase("subids", "keep-id")]
    [TestCase("auto", "subids")]
    public void Container_MadeInOneMode_IsNotEnteredInAnother(string made, string asked)
    {
        _home.Orca("run", "--userns=" + made, "--name", "modes", World.Busybox, "true").Run().Succeeds();
        var before = _home.Shell("du -s .local/share/orca/containers/modes").Output;
        var refused = _home.Orca("run", "--userns=" + asked, "--name", "modes", World.Busybox, "true").Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain($"with '--userns={asked}': it was made with '--userns={made}'"));
        Assert.That(_home.Shell("du -s .local/share/orca/containers/modes").Output, Is.EqualTo(before));
        _home.Orca("run", "--name", "modes", World.Busybox, "true").Run().Succeeds();
        _home.Orca("rm", "modes").Run().Succeeds();
    }

    [Test]
    public void Plan_ShowsTheMap_AndDoctorFindsIt()
    {
        Assert.That(_home.Orca("plan", "--userns=subids", World.Busybox, "true").Run().Succeeds().Output, Does.Match($"map users 0 to the host's [0-9]+, 1-65536 to {SubIds.First()}-[0-9]+; groups .* by newuidmap and newgidmap"));
        Assert.That(_home.Orca("doctor").Run().Lines, Has.One.StartsWith($"works     sub-ids: '{SubIds.User}' has {SubIds.First()}-"));
    }

    private Outcome Run(params string[] command) => Run("-u", "0", World.Debian, command);

    [Test]
    public void ChangesInMemory_HaveOwners_AndLeaveNothing()
    {
        const string script = "touch /f && chown 33:44 /f && rm -r /home && mkdir /home && chown 33 /home && stat -c %u:%g /f /home; df -k / | tail -1 | tr -s ' ' | cut -d ' ' -f 2";
        _home.Orca("run", "--userns=subids", "--tmpfs-upper=8m", World.Busybox, "sh", "-ec", script).Run().Prints("33:44\n33:0\n8192");
        _home.Shell("find .local/share/orca/containers .local/share/orca/spares -name f -o -name home").Prints("");
        _home.Orca("run", "--userns=subids", "--tmpfs-upper=8m", World.Busybox, "sh", "-c", "ls /f 2>/dev/null; ls -d /home").Run().Prints("/home");
    }

    private Outcome Run(string option, string value, string image, string[] command) => _home.Orca(["run", "--userns=subids", option, value, image, .. command]).Within(120).Run();

    private Outcome Kept(string name, string script) => _home.Orca("run", "--userns=subids", "--name", name, World.Debian, "sh", "-ec", script).Within(120).Run();

    /// <summary>What in the home is not the account's; root sees all of it.</summary>
    private string Foreign() => World.Tool("find", _home.Directory, "!", "-user", SubIds.User).Output;
}
