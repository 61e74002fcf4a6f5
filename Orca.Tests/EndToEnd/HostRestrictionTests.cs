using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Hosts that say no, each built: by limits of a namespace around orca, by a filter, by a chroot, by mounts. Rows H01 to H23.</summary>
[Category("EndToEnd")]
public sealed class HostRestrictionTests
{
    private static readonly string s_run = $"\"$orca\" run {World.Busybox}";

    [OneTimeSetUp]
    public void Pull()
    {
        World.Orca("pull", World.Busybox).Succeeds();
        World.Orca("pull", World.Debian).Succeeds();
    }

    [TestCase("user", "user")]
    [TestCase("mnt", "mount")]
    [TestCase("pid", "pid")]
    [TestCase("uts", "uts")]
    [TestCase("ipc", "ipc")]
    [TestCase("cgroup", "cgroup")]
    public void H01_H02_LimitOfNamespacesIsZero_IsNamed(string limit, string kind)
        => Assert.That(
            World.Shared.Shell($"unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_{limit}_namespaces; {s_run} true'").Ends(125).Errors,
            Does.Contain($"hint: new {kind} namespaces are switched off").And.Contain($"user.max_{limit}_namespaces="));

    [Test]
    public void H02_LimitOfNetworkNamespacesIsZero_IsNamed_WhereOneIsAskedFor()
    {
        var line = $"unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_net_namespaces; \"$orca\" run $0 {World.Busybox} true'";
        Assert.That(World.Shared.Shell(line + " '--network=none'").Ends(125).Errors, Does.Contain("hint: new network namespaces are switched off").And.Contain("user.max_net_namespaces="));
        World.Shared.Shell(line + " '--network=host'").Succeeds();
    }

    [TestCase("mount-mask=EPERM", "mask")]
    [TestCase("seccomp=ENOSYS prctl-seccomp=22", "load a filter of system calls")]
    public void S44_WhatConfines_AndCannotBeHad_IsFatal(string calls, string step)
    {
        var outcome = Refuse.Orca(calls, "run", World.Busybox, "echo", "ran").Ends(125);
        Assert.That(outcome.Bytes, Is.Empty);
        Assert.That(outcome.Errors, Does.Contain(step).And.Match("EPERM|EINVAL"));
    }

    [Test]
    public void H03_NestedTooDeep_IsSaid()
    {
        World.Shared.Write("deep", "n=$1; [ $n = 0 ] && exec \"$orca\" run " + World.Busybox + " true; exec unshare -Ur sh ./deep $((n - 1))\n");
        Assert.That(World.Shared.Shell("sh ./deep 33").Ends(125).Errors, Does.Contain("nested too deep"));
    }

    [Test]
    public void H04_NoClone3_FallsBackToClone()
        => Refuse.Orca("clone3=ENOSYS", "run", World.Busybox, "echo", "ok").Prints("ok");

    [Test]
    public void H04_FilterAroundRefusesUserNamespaces_IsSaid()
        => Assert.That(
            Refuse.Orca("clone3=ENOSYS clone-user=EPERM unshare=EPERM", "run", World.Busybox, "true").Ends(125).Errors,
            Does.Contain("new user namespace: EPERM").And.Contain("seccomp filter"));

    [Test]
    public void H05_AppArmorAllowsNoMounts_HintsAtTheProfile()
    {
        Needs.Root("the setting is shown by a mount over /proc/sys/kernel");
        var line = $"mount -t tmpfs none /proc/sys/kernel && echo 1 > /proc/sys/kernel/apparmor_restrict_unprivileged_userns && chmod 755 /proc/sys/kernel "
            + $"&& exec setpriv --reuid {World.User} --regid {World.User} --clear-groups {Refuse.Program} mount=EACCES -- {World.Binary} run {World.Busybox} true";
        var refused = new Command("unshare", "-m", "sh", "-c", line).AsCaller().With("HOME", World.Shared.Directory).Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("EACCES").And.Contain("orca doctor --apparmor-profile | sudo tee /etc/apparmor.d/orca"));
        World.Tool("sh", "-c", $"{World.Binary} doctor --apparmor-profile | grep -cF 'profile orca \"{World.Binary}\"'").Prints("1");
    }

    [Test]
    public void H06_OrcaInOrca_SeesTheProcAroundIt_AndSaysSo()
    {
        var inner = World.Shared.Orca(
            "run", "--security-opt", "seccomp=unconfined", "-v", World.Binary + ":/orca:ro", "-v", World.Shared.Directory + "/.local:/root/.local", "-e", "HOME=/root",
            World.Busybox, "/orca", "run", "--pull", "never", World.Busybox, "sh", "-c", "id -u; ls -d /proc/self > /dev/null && echo has-proc; echo x 2>/dev/null > /proc/sys/kernel/hostname || echo read-only; head -c 1 /proc/kcore | wc -c")
            .Run().Succeeds();
        Assert.That(inner.Lines, Is.EqualTo(["0", "has-proc", "read-only", "0"]));
        Assert.That(inner.Errors, Does.Contain("note: the host masks part of /proc").And.Not.Contain("overlay"), "the first try has mounted one");
    }

    [Test]
    public void H07_Chroot_WithoutProcAndDev_PullsAndIsNamed()
    {
        Needs.Root("chroot(2)");
        using var system = new BareSystem();
        Outcome Inside(params string[] arguments) => new Command("chroot", ["--userspec", World.User, system.Directory, "/orca", .. arguments])
            .AsCaller().With("HOME", "/home").Run();
        Inside("pull", "127.0.0.1:5000/busybox").Succeeds();
        Assert.That(Inside("run", "127.0.0.1:5000/busybox", "true").Ends(125).Errors, Does.Contain("hint: this is a chroot"));
    }

    [Test]
    public void H08_BinaryThatCannotBeRead_Works()
    {
        Needs.Root("the binary belongs to somebody else");
        var binary = Path.Combine(World.Root, "unreadable");
        World.Tool("install", "-m", "111", World.Binary, binary).Succeeds();
        World.Shared.Program(binary, "run", World.Busybox, "echo", "ok").Run().Prints("ok");
    }

    [Test]
    public void H10_CallerIsRootOfANamespace_Works()
        => World.Shared.Shell($"unshare -Ur {s_run} id -u").Prints("0");

    [Test]
    public void H10_CallerIsRoot_Works()
    {
        Needs.Root("it is root who calls");
        var store = Directory.CreateDirectory(Path.Combine(World.Root, "roots")).FullName;
        new Command(World.Binary, "--root", store, "run", "-q", World.Busybox, "id", "-u").AsCaller().Run().Prints("0");
    }

    [Test]
    public void H10_CallerHasManyGroups_Works()
    {
        Needs.Root("groups are given");
        var groups = string.Join(',', Enumerable.Range(5000, 64));
        new Command("setpriv", "--reuid", World.User, "--regid", "4999", "--groups", groups, World.Binary, "run", World.Busybox, "id", "-u")
            .AsCaller().With("HOME", World.Shared.Directory).Run().Prints("0");
    }

    [Test]
    public void H11_NoOverlay_RunsOnACopy_AndSaysSo()
    {
        var outcome = Refuse.Orca("mount-plain=EPERM", "run", World.Busybox, "sh", "-c", "echo x > /mark && cat /mark").Succeeds();
        Assert.That(outcome.Output, Is.EqualTo("x\n"));
        Assert.That(outcome.Errors, Does.Contain("note: the host refuses overlay mounts").And.Contain("copy"));
    }

    [Test]
    public void H11_NoOverlayAndNoRoomForACopy_RunsTheImageReadOnly_AndSaysSo()
    {
        Needs.Root("the store gets a small file system of its own");
        var line = $"mount -t tmpfs -o size=700m,mode=700,uid=$(id -u {World.User}) none {World.Root}/small && cd {World.Root}/small "
            + $"&& setpriv --reuid {World.User} --regid {World.User} --clear-groups {World.Binary} pull -q {World.Debian} > /dev/null "
            + "&& mount -o remount,size=$(($(du -sk . | cut -f1) + 2000))k . "
            + $"&& exec setpriv --reuid {World.User} --regid {World.User} --clear-groups {Refuse.Program} mount-plain=EPERM -- {World.Binary} run {World.Debian} "
            + "sh -c 'cat /proc/sys/kernel/ostype; touch /mark || echo cannot-be-written; touch /usr/mark || echo nor-below; touch /dev/shm/x && echo but-shm'";
        Directory.CreateDirectory(Path.Combine(World.Root, "small"));
        var outcome = new Command("unshare", "-m", "sh", "-c", line).AsCaller().With("HOME", World.Root + "/small").Run().Succeeds();
        Assert.That(outcome.Lines, Is.EqualTo(["Linux", "cannot-be-written", "nor-below", "but-shm"]));
        Assert.That(outcome.Errors, Does.Contain("note: the host refuses overlay mounts, and there is no copy").And.Contain("read-only"));
    }

    [TestCase("close_range=ENOSYS", TestName = "H12_NoCloseRange_LeavesNoDescriptor")]
    [TestCase("close_range=EPERM", TestName = "H12_CloseRangeForbidden_LeavesNoDescriptor")]
    [TestCase("openat2=ENOSYS", TestName = "H13_NoOpenat2_Works")]
    [TestCase("openat2=EPERM", TestName = "H13_Openat2Forbidden_Works")]
    [TestCase("pidfd_open=ENOSYS", TestName = "H14_NoPidfdOpen_Works")]
    [TestCase("pidfd_open=EPERM", TestName = "H14_PidfdOpenForbidden_Works")]
    [TestCase("keyctl=ENOSYS", TestName = "H14_NoKeyrings_Works")]
    [TestCase("keyctl=EPERM", TestName = "H14_KeyringsForbidden_Works")]
    [TestCase("fsopen=ENOSYS", TestName = "H14_NoFsopen_Works")]
    [TestCase("io_uring_setup=EPERM landlock_create_ruleset=ENOSYS membarrier=ENOSYS fsopen=EPERM", TestName = "H14_WhatOrcaDoesNotUse_IsNotMissed")]
    public void Call_Missing_IsDoneWithout(string calls)
        => Refuse.Orca(calls, "run", World.Busybox, "sh", "-c", "ls /proc/self/fd | wc -l; cat /etc/hostname > /dev/null && echo ok").Prints("4\nok");

    [TestCase("open_tree=ENOSYS")]
    [TestCase("open_tree=EPERM")]
    [TestCase("move_mount=ENOSYS")]
    [TestCase("mount_setattr=ENOSYS")]
    [TestCase("mount_setattr=EPERM")]
    [TestCase("memfd_create=ENOSYS")]
    [TestCase("memfd_create=EPERM")]
    [TestCase("statx=ENOSYS")]
    [TestCase("statx=EPERM")]
    [TestCase("move_mount=EPERM")]
    [TestCase("pidfd_send_signal=EPERM")]
    [TestCase("clone3=EPERM")]
    [TestCase("pivot_root=EPERM")]
    public void H14_CallThatIsNeeded_WorksOrIsSaid(string call)
    {
        var outcome = Refuse.Orca(call, "run", World.Busybox, "echo", "ok");
        Assert.That((outcome.Status, outcome.Output), Is.EqualTo((0, "ok\n")).Or.EqualTo((125, string.Empty)), () => outcome.Errors);
        Assert.That(outcome.Errors, outcome.Status == 0 ? Is.Empty : Does.StartWith("orca: cannot ").And.Not.Contain("internal error"));
    }

    [TestCase("umount -l /proc", TestName = "H15_NoProc_IsSaid")]
    [TestCase("mount -t proc -o hidepid=2 proc /proc", TestName = "H15_ProcOfOnesOwnOnly_Works")]
    [TestCase("umount -l /sys", TestName = "H15_NoSys_Works")]
    [TestCase("umount -l /dev/pts; true", TestName = "H15_NoDevPts_Works")]
    [TestCase("umount -l /dev/shm; true", TestName = "H15_NoDevShm_Works")]
    public void Tree_OfTheKernelMissing(string line)
    {
        Needs.Root("mounts are taken away");
        var outcome = new Command("unshare", "-m", "sh", "-c", $"{line} && exec setpriv --reuid {World.User} --regid {World.User} --clear-groups {World.Binary} run {World.Busybox} echo ok")
            .AsCaller().With("HOME", World.Shared.Directory).Run();
        Assert.That((outcome.Status, outcome.Output), Is.EqualTo((0, "ok\n")).Or.EqualTo((125, string.Empty)), () => outcome.Errors);
        Assert.That(outcome.Errors, outcome.Status == 0 ? Is.Empty : Does.StartWith("orca: cannot ").And.Not.Contain("internal error"));
    }

    [Test]
    public void H16_HomeThatCannotBeWritten_IsNamed()
        => Assert.That(
            World.Shared.Program(World.Binary, "run", World.Busybox, "true").With("HOME", "/proc").Run().Ends(125).Errors, Does.Contain("'/proc/.local/share/orca'").And.Contain("ORCA_ROOT"));

    [TestCase("new\nline")]
    [TestCase("with space")]
    [TestCase("with,comma:colon\\backslash")]
    [TestCase("two-hundred-bytes-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public void H16_HomeWithAStrangeName_Works(string name)
    {
        using var home = new Home();
        var strange = Path.Combine(home.Directory, name);
        home.Program("mkdir", strange).Run().Succeeds();
        home.Orca("run", World.Busybox, "echo", "ok").With("HOME", strange).Run().Prints("ok");
    }

    [Test]
    public void H16_HomeWhoseNameIsNoText_Works()
    {
        using var home = new Home();
        home.Shell($"d=$(printf 'h\\377'); mkdir \"$d\"; HOME=\"$PWD/$d\" \"$orca\" run -q {World.Busybox} echo ok && test -d \"$d/.local/share/orca\"").Prints("ok");
    }

    [TestCase("/")]
    [TestCase("/root")]
    public void H16_HomeOfSomebodyElse_IsNamed(string place)
    {
        Needs.Root("the account is not the one that owns it");
        Assert.That(
            World.Shared.Program(World.Binary, "run", World.Busybox, "true").With("HOME", place).Run().Ends(125).Errors,
            Does.Contain("orca: cannot ").And.Contain($"'{place.TrimEnd('/')}/.local/share/orca'").And.Contain("hint: "));
    }

    [TestCase("noexec")]
    [TestCase("nosuid")]
    [TestCase("nodev")]
    public void H17_StoreOnAFileSystemMountedSo_Works(string option)
    {
        Needs.Root("a file system is mounted");
        Directory.CreateDirectory(Path.Combine(World.Root, option));
        var line = $"mount -t tmpfs -o {option},mode=700,uid=$(id -u {World.User}) none {World.Root}/{option} && cd {World.Root}/{option} "
            + $"&& exec setpriv --reuid {World.User} --regid {World.User} --clear-groups {World.Binary} run -q {World.Busybox} echo ok";
        new Command("unshare", "-m", "sh", "-c", line).AsCaller().With("HOME", $"{World.Root}/{option}").Run().Prints("ok");
    }

    [TestCase("LANG", "C")]
    [TestCase("LANG", "xx_YY.nonsense")]
    [TestCase("LC_ALL", "\u00ff")]
    [TestCase("TZ", "No/Where")]
    public void H19_StrangeLocale_Works(string name, string value)
        => World.Shared.Orca("run", World.Busybox, "echo", "ok").With(name, value).Run().Prints("ok");

    [Test]
    public void H19_CallerWithoutAnEntryInPasswd_Works()
    {
        Needs.Root("another user is taken");
        var store = Directory.CreateDirectory(Path.Combine(World.Root, "nobodys"));
        World.Tool("chown", "54321:54321", store.FullName).Succeeds();
        new Command("setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups", World.Binary, "run", "-q", World.Busybox, "echo", "ok")
            .AsCaller().With("ORCA_ROOT", store.FullName).Run().Prints("ok");
    }

    [TestCase("chmod u+s")]
    [TestCase("chmod g+s")]
    [TestCase("setcap cap_net_raw=ep")]
    public void Cve_2020_5291_H21_BinaryWithRightsOfItsOwn_RefusesToRun(string give)
    {
        Needs.Root("the rights are another's");
        var binary = Path.Combine(World.Root, "elevated" + give[^2..]);
        World.Tool("sh", "-c", $"install -m 755 {World.Binary} {binary} && {give} {binary}").Succeeds();
        Assert.That(World.Shared.Program(binary, "run", World.Busybox, "true").Run().Ends(125).Errors, Does.Contain("set-uid"));
    }
}
