using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class VolumeTests
{
    [Test]
    public void Volume_IsMadeByItsFirstUse_AndOutlivesItsContainers()
    {
        using var home = new Home();
        home.Orca("run", "-v", "data:/data", World.Busybox, "sh", "-c", "echo mine >/data/mark").Run().Succeeds();
        home.Orca("run", "--mount", "type=volume,source=data,target=/elsewhere", World.Busybox, "cat", "/elsewhere/mark").Run().Prints("mine");
        Assert.That(home.Orca("volume", "ls", "-q").Run().Succeeds().Output, Is.EqualTo("data\n"));
        home.Orca("volume", "inspect", "-f", "{{.Name}} {{.Driver}} {{.Mountpoint}}", "data").Run().Prints($"data local {home.Directory}/.local/share/orca/volumes/data/data");
        home.Orca("volume", "ls", "-f", "dangling=true", "--filter", "name=at", "--format", "{{.Name}}").Run().Prints("data");
        home.Orca("volume", "ls", "-q", "-f", "dangling=false").Run().Prints("");
        home.Orca("volume", "ls", "-f", "size=1").Run().Ends(125).Complains("none of name=TEXT");
        Assert.That(home.Orca("system", "df").Run().Succeeds().Output, Does.Contain("volume data"));
        home.Orca("system", "prune", "--all").Run().Succeeds();
        Assert.That(home.Orca("run", "-v", "data:/data:ro", World.Busybox, "touch", "/data/x").Run().Errors, Does.Contain("Read-only"));
        home.Orca("volume", "rm", "data").Run().Prints("data");
        home.Orca("volume", "rm", "data").Run().Ends(1);
        home.Orca("volume", "rm", "-f", "data").Run().Succeeds();
    }

    [Test]
    public void Volume_ThatIsNew_IsFilledFromTheImage_AndOneThatIsThereIsNot()
    {
        using var home = new Home();
        home.Orca("volume", "create", "empty").Run().Prints("empty");
        home.Orca("run", "-v", "etc:/etc", "-v", "empty:/bin2", World.Debian, "sh", "-c", "test -e /etc/debian_version && ls /bin2 | wc -l").Run().Prints("0");
        home.Orca("run", "-v", "empty:/etc", World.Debian, "sh", "-c", "ls /etc/debian_version 2>/dev/null; true").Run().Prints("");
    }

    [Test]
    public void Volume_InUse_IsNotRemoved()
    {
        using var home = new Home();
        home.Orca("run", "-d", "--name", "db", "-v", "data:/data", World.Busybox, "sleep", "100").Run().Succeeds();
        Assert.That(home.Orca("volume", "rm", "data").Run().Ends(1).Errors, Does.Contain("'db' uses it"));
        home.Orca("rm", "-f", "db").Run().Succeeds();
        home.Orca("volume", "prune").Run().Prints("");
        home.Orca("volume", "prune", "--all").Run().Prints("data");
    }

    /// <summary>A link that a container has put in the place of a directory leads nowhere outside.</summary>
    [Test]
    public void Volume_OfLinks_LeadsNowhere()
    {
        using var home = new Home();
        home.Write("secret", "secret");
        home.Orca("run", "-v", "data:/data", World.Busybox, "ln", "-s", home.Directory, "/data/out").Run().Succeeds();
        Assert.That(home.Orca("run", "-v", "data:/data", World.Busybox, "cat", "/data/out/secret").Run().Output, Is.Empty);
        home.Orca("volume", "rm", "data").Run().Succeeds();
        Assert.That(File.Exists(Path.Combine(home.Directory, "secret")));
    }

    [Test]
    public void Diff_ListsWhatTheContainerHasChanged()
    {
        using var home = new Home();
        home.Orca("run", "--name", "work", World.Debian, "sh", "-c", "echo x >/new; rm /etc/debian_version; rm -r /opt; mkdir /opt; echo y >>/etc/issue; ln -s / /opt/out").Run().Succeeds();
        Assert.That(home.Orca("diff", "work").Run().Succeeds().Lines, Is.SupersetOf((string[])["C /etc", "D /etc/debian_version", "C /etc/issue", "A /new", "C /opt", "A /opt/out"]).And.None.Contains("/opt/out/"));
        home.Orca("diff", "no-such").Run().Ends(1);
    }

    [Test]
    public void ManyAtOnce_MakeOneVolume()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Shell($"for i in $(seq 16); do $orca run -v data:/data {World.Busybox} sh -c \"echo $i >/data/$i\" & done; wait; $orca run -v data:/data {World.Busybox} sh -c 'ls /data | wc -l'").Prints("16");
        Assert.That(home.Shell("ls .local/share/orca/staging").Output, Is.Empty);
    }
}
