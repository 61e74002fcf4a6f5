using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class EnvironmentTests
{
    [Test]
    public void Variables_AreTheImagesAndTheDefaults_NotTheHosts()
    {
        var outcome = World.Shared.Orca("run", World.Busybox, "env").With("SECRET", "x").With("LD_PRELOAD", "").With("LANG", "C").Run().Succeeds();
        var names = outcome.Lines.Select(line => line.Split('=')[0]);
        Assert.That(names, Is.SubsetOf(["PATH", "HOME", "HOSTNAME", "TERM", "container", "SHLVL", "PWD"]));
        Assert.That(outcome.Lines, Does.Contain("PATH=/bin").And.Contain("HOME=/root"));
    }

    [Test]
    public void Path_WithoutOneInTheImage_IsTheUsual()
        => World.Orca("run", World.Debian, "sh", "-c", "echo $PATH").Prints("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    [Test]
    public void Home_IsThatOfTheUser()
        => World.Orca("run", World.Dev, "echo $HOME").Prints("/home/app");

    [Test]
    public void Umask_Is022()
        => World.Shared.Shell($"umask 077; \"$orca\" run {World.Busybox} sh -c umask").Prints("0022");

    [Test]
    public void Names_ResolveAsOnTheHost()
        => World.Orca("run", World.Busybox, "sh", "-c", "cat /etc/resolv.conf > /dev/null && grep -q 127.0.0.1 /etc/hosts && echo ok").Prints("ok");

    [Test]
    public void Tmp_IsForEveryone()
        => World.Orca("run", World.Debian, "stat", "-c", "%a", "/tmp").Prints("1777");

    [Test]
    public void NullDevice_CanBeOpenedForWritingWithCreate()
        => World.Orca("run", "-u", "1000", World.Busybox, "sh", "-c", "echo x > /dev/null && echo y >> /dev/zero && echo ok").Prints("ok");

    [Test]
    public void Apt_UpdatesItsListsUnderOneId()
        => World.Orca("run", World.Debian, "sh", "-c", "apt-get --version | head -n 1 | cut -d' ' -f1; dpkg --audit && echo sound").Prints("apt\nsound");
}
