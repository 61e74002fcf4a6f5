using System.Globalization;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Snapshots of real containers, as overlay mounts show them (docs/undo.md).</summary>
[Category("EndToEnd")]
public sealed class SnapshotTests
{
    // All that a program sees of a tree; the kernel's own and what a run mounts is left out.
    private const string List = "cd /; find . -xdev \\( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -name zz-orca -o -name hosts -o -name hostname -o -name resolv.conf -o -name mtab \\) -prune -o -printf '%p %y %m %U:%G %s %T@ %l\\n' -type f -exec sha256sum {} + | sort";

    [Test]
    public void Undo_GivesTheIdenticalTree()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Debian, "sh", "-c", "echo mine > /mine; rm -r /etc/apt; mkdir /etc/apt; mkfifo /p; ln /mine /also; ln -s x /l; chown 33:44 /mine; chmod 4711 /mine").Within(120).Run().Succeeds();
        home.Orca("snapshot", "work", "-m", "before").Run().Prints("1");
        var before = home.Orca("run", "--name", "work", World.Debian, "sh", "-c", List).Within(120).Run().Succeeds().Output;
        var exported = Export(home);
        home.Orca("run", "--name", "work", World.Debian, "sh", "-c", "rm -r /usr/share/doc /also /p; echo more >> /mine; mv /etc/cron.daily /etc/other; chown 1:1 /mine; mkdir /usr/share/doc; touch /usr/share/doc/x; chmod 700 /").Within(120).Run().Succeeds();
        Assert.That(home.Orca("run", "--name", "work", World.Debian, "sh", "-c", List).Within(120).Run().Succeeds().Output, Is.Not.EqualTo(before));
        home.Orca("undo", "work").Run().Prints("work is at snapshot 1 again; snapshot 2 is what it was");
        Assert.That(home.Orca("run", "--name", "work", World.Debian, "sh", "-c", List).Within(120).Run().Succeeds().Output, Is.EqualTo(before));
        Assert.That(Export(home), Is.EqualTo(exported), "owners that were remembered, too");
        Assert.That(home.Orca("system", "check").Run().Status, Is.Zero);
    }

    [Test]
    public void History_Diff_Branch_AndRemoval()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo 1 > /a").Run().Succeeds();
        home.Orca("snapshot", "-m", "one", "work").Run().Prints("1");
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo 2 > /a; rm /etc/group; mkdir /d; touch /d/f").Run().Succeeds();
        Assert.That(home.Orca("history", "work").Run().Succeeds().Output, Does.Match(@"(?s)SNAPSHOT +ON +TAKEN +WHY\n1 +0 +just now +one\n- +1 +now +changed since"));
        home.Orca("diff", "work", "1").Run().Prints("C /a\nA /d\nA /d/f\nC /etc\nD /etc/group");
        home.Orca("diff", "work", "0", "1").Run().Prints("A /a");
        home.Orca("diff", "work").Run().Prints("A /a\nA /d\nA /d/f\nC /etc\nD /etc/group");
        home.Orca("branch", "work", "other").Run().Prints("other");
        home.Orca("run", "--name", "other", World.Busybox, "sh", "-c", "cat /a; echo 3 > /a").Run().Prints("2");
        home.Orca("run", "--name", "work", World.Busybox, "cat", "/a").Run().Prints("2");
        home.Orca("restore", "work", "1").Run().Succeeds();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "cat /a; test -e /etc/group").Run().Prints("1");
        home.Orca("snapshot", "rm", "work", "1", "2").Run().Prints("1\n2");
        home.Orca("restore", "work", "7").Run().Ends(1);
        home.Orca("rm", "work").Run().Succeeds();
        home.Orca("run", "--name", "other", World.Busybox, "cat", "/a").Run().Prints("3");
        home.Orca("rm", "other").Run().Succeeds();
        Assert.That(home.Shell("ls .local/share/orca/layers").Output.Trim(), Is.EqualTo("lock"));
    }

    [Test]
    public void ContainerThatRuns_IsRefused()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "work", World.Busybox, "sleep", "100").Run().Succeeds();
        Assert.That(home.Orca("snapshot", "work").Run().Ends(1).Errors, Does.Contain("it runs").And.Contain("orca stop work"));
        Assert.That(home.Orca("undo", "work").Run().Ends(1).Errors, Does.Contain("it runs"));
        home.Orca("rm", "-f", "work").Run().Succeeds();
    }

    /// <summary>As many layers as there are, and files of the image that several of them replace and remove.</summary>
    [Test]
    public void ManySnapshots_AreRunAndRestored()
    {
        using var home = new Home();
        home.Orca("create", "--name", "work", World.Busybox, "true").Run().Succeeds();
        for (var i = 1; i <= 104; i++)
        {
            if (i is 1 or 50 or 103)
            {
                home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", $"echo {i} > /n; echo {i} > /n{i}; rm -f /etc/group").Run().Succeeds();
            }

            home.Orca("snapshot", "work").Run().Prints(i.ToString(CultureInfo.InvariantCulture));
        }

        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "cat /n /n1 /n50 /n103; test ! -e /etc/group").Run().Prints("103\n1\n50\n103");
        home.Orca("restore", "work", "100").Run().Succeeds();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "cat /n /n1 /n50; test ! -e /n103").Run().Prints("50\n1\n50");
        Assert.That(home.Orca("system", "check").Run().Status, Is.Zero);
    }

    private static string Export(Home home) => home.Shell($"{World.Binary} export work | tar -tv --numeric-owner --full-time").Output;
}
