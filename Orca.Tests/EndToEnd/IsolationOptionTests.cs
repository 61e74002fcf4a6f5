using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>The options of isolation on the published binary, and mounts of the host that only root can prepare.</summary>
[Category("EndToEnd")]
public sealed class IsolationOptionTests
{
    [Test]
    public void ReadOnly_LeavesMemoryAndMountsWritable()
    {
        World.Shared.Shell("mkdir -p rw").Succeeds();
        World.Orca(
            "run", "--read-only", "--tmpfs", "/scratch:size=1m", "-v", World.Shared.Directory + "/rw:/rw", World.Busybox, "sh", "-c",
            "echo x > /f 2>/dev/null || echo refused; echo x > /etc/resolv.conf 2>/dev/null || echo refused; echo x > /scratch/f && echo x > /rw/f && echo x > /dev/shm/f && echo written")
            .Prints("refused\nrefused\nwritten");
    }

    [Test]
    public void Network_None_HasLoopbackAlone() => World.Orca(
        "run", "--network", "none", "--add-host", "db:127.0.0.9", World.Busybox, "sh", "-c",
        "nc 127.0.0.1 9 2>&1 | grep -o refused; nc ::1 9 2>&1 | grep -o refused; cat /etc/resolv.conf; grep db /etc/hosts; wc -l < /proc/net/route; ls -d /sys/class/net/lo")
        .Prints("refused\nrefused\n# this container has no network\n127.0.0.9\tdb\n1\n/sys/class/net/lo");

    [Test]
    public void Mount_InDockersWords()
    {
        World.Shared.Shell("mkdir -p 'a,b' && echo text > 'a,b/f'").Succeeds();
        World.Orca(
            "run", "--mount", $"type=bind,\"source={World.Shared.Directory}/a,b\",target=/in,readonly", "--mount", "type=tmpfs,dst=/mem,tmpfs-mode=0700", World.Busybox, "sh", "-c",
            "cat /in/f; echo x > /in/f 2>/dev/null || echo refused; stat -c %a /mem").Prints("text\nrefused\n700");
    }

    [Test]
    public void Device_IsPassed() => World.Orca("run", "--device", "/dev/zero:/dev/mine", World.Busybox, "sh", "-c", "head -c 3 /dev/mine | wc -c; ls /dev/mine").Prints("3\n/dev/mine");

    [Test]
    public void Limits_HoldInside() => World.Orca(
        "run", "--ulimit", "nofile=64:128", "--ulimit", "core=0", "--shm-size", "2m", World.Busybox, "sh", "-c",
        "ulimit -Sn; ulimit -Hn; ulimit -c; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2").Prints("64\n128\n0\n2048");

    [Test]
    public void Limit_AboveTheCallers_IsRefusedWithTheReason() =>
        Assert.That(World.Shared.Shell($"ulimit -n 500; exec \"$orca\" run --ulimit nofile=1000 {World.Busybox} true").Ends(125).Errors, Does.Contain("EPERM").And.Contain("ulimit -aH"));

    [TestCase("--memory", "64m")]
    [TestCase("--pids-limit", "20")]
    [TestCase("--cpus", "0.5")]
    public void S44_LimitThatTheHostDoesNotDelegate_IsRefusedWithTheReason(string option, string value) =>
        Assert.That(World.Orca("run", option, value, World.Busybox, "true").Ends(125).Errors, Does.Contain("cannot limit the container: ").And.Contain("hint: "));

    [Test]
    public void Limit_HoldsInADelegatedGroup_AndIsRefusedWhereThereIsNoController()
    {
        Needs.Root("a control group to delegate");
        var root = World.Tool("findmnt", "-n", "-o", "TARGET", "-t", "cgroup2").Output.Split('\n')[0];
        if (root.Length == 0 || !File.ReadAllText(root + "/cgroup.controllers").Contains("pids", StringComparison.Ordinal))
        {
            Assert.That(World.Orca("run", "--pids-limit", "7", World.Busybox, "true").Ends(125).Errors, Does.Contain("cannot limit the container: "));
            return;
        }

        // What systemd-run --user --scope -p Delegate=yes does: a group of the account's, with the caller in it.
        var group = $"{root}/orca-e2e-{Guid.NewGuid():N}";
        var script = $"echo +pids > {root}/cgroup.subtree_control; mkdir {group} && chown {World.User} {group} {group}/cgroup.procs {group}/cgroup.subtree_control && echo $$ > {group}/cgroup.procs && exec \"$@\"";
        try
        {
            World.Shared.Orca("run", "--pids-limit", "7", World.Busybox, "sh", "-c", "cat /sys/fs/cgroup/pids.max; i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i+1)); done 2>&1 | grep -c fork")
                .Under("sh", "-c", script, "sh").Run().Succeeds();
        }
        finally
        {
            World.Tool("sh", "-c", $"rmdir {group}/* {group} 2>/dev/null; true");
        }
    }

    [Test]
    public void Names_AreAsTheRunSays() => World.Orca(
        "run", "--dns", "192.0.2.53", "--dns-search", "corp.example", "--dns-option", "ndots:1", "--add-host", "host.docker.internal:host-gateway", World.Busybox, "sh", "-c",
        "grep -v '^#' /etc/resolv.conf | sort; grep docker /etc/hosts").Prints("nameserver 192.0.2.53\noptions ndots:1\nsearch corp.example\n127.0.0.1\thost.docker.internal");

    [Test]
    public void Hostname_WithALineOfItsOwn_IsRefused() =>
        Assert.That(World.Orca("run", "--hostname", "a\n192.0.2.1 bank", World.Busybox, "true").Ends(125).Errors, Does.Contain("host name"));

    [Test]
    public void IdFile_TakesTheName_AndIsNeverOverwritten()
    {
        using var home = new Home();
        home.Orca("run", "--cidfile", "id", "--name", "work", World.Busybox, "true").Run().Succeeds();
        home.Shell("cat id").Prints("work");
        Assert.That(home.Orca("run", "--cidfile", "id", World.Busybox, "true").Run().Ends(125).Errors, Does.Contain("EEXIST"));
    }

    [Test]
    public void Options_OfAKeptContainer_HoldWhenItIsEnteredAgain()
    {
        using var home = new Home();
        home.Orca("run", "--name", "shut", "--network", "none", "--tmpfs", "/t", "--read-only", World.Busybox, "true").Run().Succeeds();
        home.Orca("run", "--name", "shut", World.Busybox, "sh", "-c", "wc -l < /proc/net/route; grep -c ' /t tmpfs' /proc/mounts; echo x > /f 2>/dev/null || echo refused").Run()
            .Prints("1\n1\nrefused");
    }

    [Test]
    public void TimeZone_ByName_HoldsWithAndWithoutTheImagesData()
    {
        if (!File.Exists("/usr/share/zoneinfo/Europe/Berlin"))
        {
            Assert.Ignore("needs tzdata: a time zone to show");
        }

        Assert.That(World.Orca("run", "--tz", "Asia/Tokyo", World.Debian, "date", "-d", "@0", "+%H").Succeeds().Output.Trim(), Is.EqualTo("09"));
        Assert.That(World.Orca("run", "--tz", "No/Such", World.Busybox, "true").Ends(125).Errors, Does.Contain("'No/Such'"));
    }

    [Test]
    public void TimeZone_OfTheHost_HoldsInside()
    {
        Needs.Root("another time zone for one process tree");
        var run = World.Shared.Orca("run", World.Debian, "date", "-d", "@0", "+%H").Under(
            "unshare", "-m", "sh", "-c", "mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc"
            + " && ln -sfn /usr/share/zoneinfo/Asia/Tokyo /etc/localtime && exec \"$@\"", "sh");
        run.Run().Prints("09");
    }

    [Test]
    public void Resolver_OfTheHost_IsFollowedThroughARename()
    {
        Needs.Root("a resolver that lives in /run");
        World.Shared.Shell("mkdir -p sign && rm -f sign/*").Succeeds();
        var sign = World.Shared.Directory + "/sign";
        var run = World.Shared.Orca(
            "run", "-v", sign + ":/sign", World.Busybox, "sh", "-c",
            "cat /etc/resolv.conf; touch /sign/go; i=0; until grep -q 192.0.2.2 /etc/resolv.conf; do sleep 0.1; i=$((i+1)); [ $i -lt 300 ] || exit 1; done; cat /etc/resolv.conf").Under(
            "unshare", "-m", "sh", "-c", "mount -t tmpfs t /run && mkdir -p /run/systemd/resolve && echo nameserver 192.0.2.1 > /run/systemd/resolve/stub"
            + " && mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc && ln -sfn ../run/systemd/resolve/stub /etc/resolv.conf"
            + $" && {{ (until [ -e {sign}/go ]; do sleep 0.1; done; echo nameserver 192.0.2.2 > /run/systemd/resolve/n; mv /run/systemd/resolve/n /run/systemd/resolve/stub) >/dev/null 2>&1 </dev/null & }}; exec \"$@\"", "sh");
        run.Run().Prints("nameserver 192.0.2.1\nnameserver 192.0.2.2");
    }

    [Test]
    public void S49_SubMountsOfAReadOnlyMount_AreReadOnly_AndClosedOnesDoNoHarm()
    {
        Needs.Root("mounts below a directory of the account");
        var tree = World.Shared.Directory + "/tree";
        World.Shared.Shell("mkdir -p tree/open tree/closed").Succeeds();
        var run = World.Shared.Orca("run", "-v", tree + ":/t:ro", World.Busybox, "sh", "-c", "touch /t/open/f 2>/dev/null || echo refused; ls /t").Under(
            "unshare", "-m", "sh", "-c", $"mount -t tmpfs -o mode=777 t {tree}/open && mount -t tmpfs -o mode=700 t {tree}/closed && exec \"$@\"", "sh");
        run.Run().Prints("refused\nclosed\nopen");
    }

    [TestCase("nosuid,nodev,noexec")]
    [TestCase("ro,nosuid")]
    public void S50_FlagsOfTheHostsMount_AreKept(string flags)
    {
        Needs.Root("a mount with flags");
        var tree = World.Shared.Directory + "/flags";
        World.Shared.Shell("mkdir -p flags").Succeeds();
        var run = World.Shared.Orca("run", "-v", tree + ":/t:ro", World.Busybox, "grep", " /t ", "/proc/mounts").Under(
            "unshare", "-m", "sh", "-c", $"mount -t tmpfs -o {flags} t {tree} && exec \"$@\"", "sh");
        Assert.That(run.Run().Succeeds().Output.Split(' ')[3].Split(','), Is.SupersetOf(flags.Split(',').Union(["ro"])));
    }

    [TestCase("rmdir ../lost")]
    [TestCase("chmod 0 ../lost")]
    public void S22_CallersDirectory_MayBeGoneOrClosed(string how) =>
        World.Shared.Shell($"mkdir -p lost && chmod 755 lost && cd lost && {how} && exec \"$orca\" run {World.Busybox} pwd").Prints("/");

    [Test]
    public void S06_SourceThatMayNotBeRead_IsRefused_AndNothingIsMade()
    {
        Needs.Root("a directory of another user's");
        var closed = Directory.CreateDirectory(Path.Combine(World.Root, "closed-to-all"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        Assert.That(World.Orca("run", "-v", closed + "/x:/x", World.Busybox, "true").Ends(125).Errors, Does.Contain("EACCES"));
        Assert.That(World.Orca("run", "-v", World.Shared.Directory + "/none/x:/x", World.Busybox, "true").Ends(125).Errors, Does.Contain("ENOENT"));
        Assert.That(Directory.Exists(World.Shared.Directory + "/none"), Is.False);
    }

    [Test]
    public void C20_WorkingDirectory_WithoutAccess_IsRefused()
    {
        var refused = World.Shared.Shell($"mkdir -p closed && chmod 0 closed && \"$orca\" run -u 1000 -v ./closed:/closed -w /closed {World.Busybox} true");
        Assert.That(refused.Ends(125).Errors, Does.Contain("EACCES"));
    }

    [Test]
    public void S21_WorkingDirectoryOfTheFirstProcess_IsInsideTheRoot() =>
        World.Orca("run", "-w", "/proc/1/cwd", World.Busybox, "sh", "-c", "pwd -P; ls -d bin").Prints("/\nbin");
}
