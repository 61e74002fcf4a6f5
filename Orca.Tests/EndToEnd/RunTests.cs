using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class RunTests
{
    [Test]
    public void Run_MissingImage_IsPulledAndRun()
    {
        using var home = new Home();
        home.Orca("run", World.Busybox, "echo", "from inside").Run().Prints("from inside");
        home.Orca("run", "--pull", "never", World.Busybox, "echo", "again").Run().Prints("again");
    }

    [Test]
    public void Run_NoCommand_RunsTheImagesOwn()
        => World.Shared.Orca("run", "-i", World.Busybox).Input("echo $0\n"u8.ToArray()).Run().Prints("/bin/sh");

    [Test]
    public void Run_AsRootInside_IsTheCallerOutside()
    {
        var home = World.Shared;
        home.Shell("mkdir -p shared-dir").Succeeds();
        World.Orca("run", "-v", home.Directory + "/shared-dir:/out", World.Busybox, "sh", "-c", "id -u; touch /out/made").Prints("0");
        Assert.That(World.Tool("stat", "-c", "%U", home.Directory + "/shared-dir/made").Output.Trim(), Is.EqualTo(World.User));
    }

    [Test]
    public void Run_TwiceWithoutAName_ForgetsItsChanges()
    {
        World.Orca("run", World.Busybox, "sh", "-c", "echo x > /etc/mark && cat /etc/mark").Prints("x");
        World.Orca("run", World.Busybox, "sh", "-c", "test ! -e /etc/mark && echo gone").Prints("gone");
    }

    [Test]
    public void Run_Ephemeral_LeavesNothingInTheStore()
    {
        World.Orca("run", World.Busybox, "true").Succeeds();
        var before = World.Shared.Files();
        World.Orca("run", World.Busybox, "sh", "-c", "echo x > /etc/mark; rm -r /home; mkdir /var/new").Succeeds();
        Assert.That(World.Shared.Files(), Is.EqualTo(before));
    }

    [Test]
    public void Run_ManyAtOnce_AllEndWell()
    {
        World.Orca("run", World.Busybox, "true").Succeeds();
        var line = "for i in $(seq 24); do \"$orca\" run " + World.Busybox + " sh -c \"exit $i\" & pids=\"$pids $!\"; done; for p in $pids; do wait $p; echo $?; done";
        World.Shared.Shell(line).Prints(string.Join('\n', Enumerable.Range(1, 24)));
    }

    [Test]
    public void Run_DebianShell_SeesDebian()
        => World.Orca("run", World.Debian, "bash", "-c", ". /etc/os-release; echo $ID $VERSION_CODENAME; dpkg -s bash | grep Status")
            .Prints("debian bookworm\nStatus: install ok installed");

    [Test]
    public void Run_LargeImage_HonoursUserWorkingDirAndEntrypoint()
    {
        World.Orca("run", World.Dev, "echo from-entrypoint").Prints("from-entrypoint");
        World.Orca("run", World.Dev, "id -un; pwd; cat d1/f1; test -e /usr/share/doc || echo no doc").Prints("app\n/app\nfile 1\nno doc");
    }

    [Test]
    public void Run_LargeImage_HasItsLinksAndCompiles()
    {
        World.Orca("run", "--entrypoint", "sh", World.Dev, "-c", "readlink link; stat -c %h hard d1/f1; ls d*/ -d | wc -l; find d* -type f | wc -l")
            .Prints("d1\n2\n2\n50\n3000");
        World.Orca("run", "-w", "/tmp", World.Dev, "echo 'int main(){return 7;}' > a.c && gcc a.c -o a && ./a").Ends(7);
    }
}
