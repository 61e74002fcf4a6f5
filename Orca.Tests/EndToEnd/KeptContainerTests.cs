using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class KeptContainerTests
{
    [Test]
    public void Named_IsMadeOnceAndReenteredWithItsChanges()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo kept > /etc/mark; rm /etc/group").Run().Succeeds();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "cat /etc/mark; test -e /etc/group || echo removed").Run().Prints("kept\nremoved");
        home.Orca("run", "-i", "--name", "work").Input("cat /etc/mark\n"u8.ToArray()).Run().Prints("kept");
    }

    /// <summary>Shorter than the moment after which the keeper takes over, and longer.</summary>
    [TestCase("0.01")]
    [TestCase("0.5")]
    public void Named_WithRm_GoesWithItsRun_AndItsStatusIsTheCommands(string seconds)
    {
        using var home = new Home();
        home.Orca("run", "--rm", "--name", "work", World.Busybox, "sh", "-c", $"sleep {seconds}; exit 7").Run().Ends(7);
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Not.Contain("work"));
    }

    [Test]
    public void Named_IsListedUntilRemoved()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Busybox, "true").Run().Succeeds();
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Contain("work"));
        home.Orca("rm", "work").Run().Succeeds();
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Not.Contain("work"));
        Assert.That(home.Orca("rm", "work").Run().Ends(1).Errors, Does.Contain("'work'"));
    }

    [Test]
    public void Named_WhileItRuns_IsShownAndNotRemoved()
    {
        using var home = new Home();
        using var running = home.Orca("run", "-i", "--name", "work", World.Busybox, "sh", "-c", "echo up; cat").Start().Until("up");
        Assert.That(home.Orca("ps").Run().Succeeds().Output, Does.Contain("work"));
        home.Orca("rm", "work").Run().Ends(1);
        running.Feed([]);
        running.Wait().Succeeds();
        home.Orca("rm", "work").Run().Succeeds();
    }

    [Test]
    public void ImageOfAKeptContainer_IsNotRemovedUnderIt()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Busybox, "sh", "-c", "echo kept > /mark").Run().Succeeds();
        home.Orca("rmi", World.Busybox).Run();
        home.Orca("run", "--pull", "never", "--name", "work", World.Busybox, "cat", "/mark").Run().Prints("kept");
    }

    [Test]
    public void AncestorForm_KeepsAContainerNamedAfterTheImage()
    {
        using var home = new Home();
        home.Orca("-d", World.Busybox, "sh", "-c", "echo kept > /mark").Run().Succeeds();
        home.Orca("-d", World.Busybox, "cat", "/mark").Run().Prints("kept");
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Contain("busybox"));
    }

    [Test]
    public void AncestorForm_TagAndName_AreTaken()
    {
        using var home = new Home();
        home.Orca("-d", World.Registry + "/debian", "-t", "bookworm", "-n", "deb", "sh", "-c", "echo kept > /mark").Run().Succeeds();
        home.Orca("run", "--name", "deb", World.Debian, "cat", "/mark").Run().Prints("kept");
    }

    [Test]
    public void AncestorForm_Init_BeginsAfresh()
    {
        using var home = new Home();
        home.Orca("-d", World.Busybox, "sh", "-c", "echo kept > /mark").Run().Succeeds();
        home.Orca("-d", World.Busybox, "--init", "sh", "-c", "test -e /mark || echo fresh").Run().Prints("fresh");
    }

    [Test]
    public void AncestorForm_Rm_LeavesNoContainer()
    {
        using var home = new Home();
        home.Orca("-d", World.Busybox, "--rm", "true").Run().Succeeds();
        Assert.That(home.Orca("ps", "-a").Run().Succeeds().Output, Does.Not.Contain("busybox"));
    }
}
