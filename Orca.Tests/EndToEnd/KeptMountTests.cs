using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Kept containers whose mounts' sources are something else by now: each opens with one note, or with another mount that is kept.</summary>
[Category("EndToEnd")]
public sealed class KeptMountTests
{
    private const string Make = """
        make() { chmod -R u+rwx k 2>/dev/null; rm -rf k; mkdir k; case $1 in
          dir) mkdir k/x; echo old > k/x/f;; file) echo old > k/x;; fifo) mkfifo k/x;; none);; link) ln -s nowhere k/x;; closed) mkdir -m 0 k/x;; closedfile) echo old > k/x; chmod 0 k/x;;
          parent) mkdir k/x; chmod 0 k;; linkdir) mkdir k/y; ln -s y k/x;; device) ln -s /dev/null k/x;; loop) ln -s x k/x;; open) ln -s /proc/self/fd/0 k/x;; esac; };
        """;

    /// <summary>A file of any kind can be where a file was; nothing else can.</summary>
    [Test]
    public void ChangedSource_IsLeftOut_OrSeen_AndNeverKeepsTheContainerClosed(
        [Values("dir", "file")] string before,
        [Values("dir", "file", "fifo", "none", "link", "closed", "closedfile", "parent", "linkdir", "device", "loop", "open")] string after)
    {
        using var home = new Home();
        home.Shell($"{Make} make {before}; $orca run --name work -v ./k/x:/m {World.Busybox} true").Succeeds();
        var again = home.Shell($"{Make} make {after}; $orca run --name work {World.Busybox} echo inside < /dev/null; chmod -R u+rwx k 2>/dev/null; true").Succeeds();
        var isThere = after is not ("none" or "link" or "parent" or "loop" or "open");
        var isSame = (after is "dir" or "closed" or "linkdir") == (before == "dir");
        Assert.That(again.Output, Is.EqualTo("inside\n"), again.Errors);
        var notes = again.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(notes, isThere && isSame ? Is.Empty : Has.Length.EqualTo(1).And.One.StartsWith(
            isThere ? $"orca: note: '{home.Directory}/k/x' is a {(before == "dir" ? "file" : "directory")} now, and so is '/m' inside" : $"orca: note: the mount of '{home.Directory}/k/x' on '/m' is left out: "));
    }

    [Test]
    public void AnotherMount_InPlaceOfAChangedOne_IsKept_WhateverItsKind(
        [Values("dir file", "dir none", "file dir", "file none")] string change,
        [Values("-v ./new/d:/m", "-v ./new/f:/m", "--mount type=bind,src=./new/d,dst=/m", "--mount type=bind,src=./new/f,dst=/m", "--tmpfs /m", "--mount type=tmpfs,dst=/m")] string option)
    {
        var (before, after) = (change.Split(' ')[0], change.Split(' ')[1]);
        using var home = new Home();
        home.Shell($"{Make} make {before}; mkdir -p new/d; echo new > new/d/f; echo new > new/f; $orca run --name work -v ./k/x:/m {World.Busybox} true").Succeeds();
        var script = option.Contains("new/d", StringComparison.Ordinal) ? "cat /m/f" : option.Contains("new/f", StringComparison.Ordinal) ? "cat /m" : "touch /m/x && grep -q .m.tmpfs /proc/mounts && echo new";
        var run = home.Shell($"{Make} make {after}; $orca run --name work {option} {World.Busybox} sh -c '{script}' && $orca run --name work {World.Busybox} sh -c '{script}'").Succeeds();
        Assert.That((run.Output, run.Errors), Is.EqualTo(("new\nnew\n", "")));
    }

    [Test]
    public void PlaceThatTheContainerHasFilled_IsNotCleared()
    {
        using var home = new Home();
        home.Shell($"{Make} make dir; $orca run --name work -v ./k/x:/m {World.Busybox} true; make none; $orca run --name work {World.Busybox} touch /m/own").Succeeds();
        var refused = home.Shell($"{Make} make file; $orca run --name work -v ./k/x:/m {World.Busybox} true").Ends(125);
        Assert.That(refused.Errors, Does.Contain($"cannot mount '-v {home.Directory}/k/x:/m': it is a file, and the container has a directory at '/m'"));
        home.Shell($"$orca run --name work {World.Busybox} ls /m 2>/dev/null").Prints("own");
    }

    /// <summary>Where orca has a file itself, it comes back.</summary>
    [TestCase("/etc/hosts", "[ -f /etc/hosts ]")]
    [TestCase("/etc/resolv.conf", "[ -s /etc/resolv.conf ]")]
    [TestCase("/etc/localtime", "true")]
    [TestCase("/etc/mtab", "[ -d /etc/mtab ] || [ -f /etc/mtab ]")]
    [TestCase("/run/.containerenv", "[ -f /run/.containerenv ]")]
    [TestCase("/dev/shm", "touch /dev/shm/x")]
    [TestCase("/sys/firmware", "true")]
    public void LostDirectory_OnAPlaceOfOrcas_LeavesItToOrca(string place, string script)
    {
        using var home = new Home();
        home.Shell($"{Make} make dir; $orca run --name work -v ./k/x:{place} {World.Busybox} cat {place}/f").Prints("old");
        foreach (var after in (string[])["none", "file"])
        {
            var run = home.Shell($"{Make} make {after}; $orca run --name work {World.Busybox} sh -c '{script}'").Succeeds();
            Assert.That(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.LessThanOrEqualTo(1));
        }
    }

    /// <summary>The first run failed by its mount, and has made the container all the same.</summary>
    [TestCase("-v ./f:/etc")]
    [TestCase("--tmpfs /etc/passwd")]
    [TestCase("-v ./d:/etc/passwd/x")]
    public void ContainerWhoseFirstRunWasRefused_CanBeEntered(string option)
    {
        using var home = new Home();
        var refused = home.Shell($"mkdir d; touch f; $orca run -q --name work {option} {World.Busybox} true").Ends(125);
        Assert.That(refused.Errors, Does.StartWith("orca: cannot mount '").And.Contain("the container"));
        Assert.That(home.Shell($"$orca run --name work {World.Busybox} echo inside").Succeeds().Output, Is.EqualTo("inside\n"));
    }

    /// <summary>The line that orca adds for a number goes when root runs in the container, and the user that is made has it.</summary>
    [Test]
    public void NumberThatRanBefore_CanBecomeAUser()
    {
        using var home = new Home();
        home.Shell($"$orca run -q --name work {World.Debian} true && $orca run --name work -u 1234:1235 {World.Debian} true && $orca run --name work {World.Debian} sh -c 'groupadd -g 1235 bob && useradd -u 1234 -g 1235 bob'").Succeeds();
        home.Shell($"$orca run --name work -u 1234:1235 {World.Debian} sh -c 'id -un; id -gn'").Prints("bob\nbob");
    }

    [Test]
    public void NamedStoreAndLabelFile_MustBeThere()
    {
        using var home = new Home();
        Assert.That(home.Shell($"ORCA_STORES=/none/at/all $orca run -q {World.Busybox} true").Ends(125).Errors, Does.Contain("cannot open store '/none/at/all': ENOENT").And.Contain("ORCA_STORES"));
        Assert.That(home.Shell($"$orca run -q --label-file ./none {World.Busybox} true").Ends(125).Errors, Does.Contain("cannot read './none': ENOENT"));
        Assert.That(home.Shell($"$orca run -q --label-file . {World.Busybox} true").Ends(125).Errors, Does.Contain("cannot read '.': "));
        home.Shell($"echo a=b > labels; $orca run -q --label-file labels {World.Busybox} true").Succeeds();
    }
}
