using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Programs in a container that try what only a program can: rows S11, S18 and S24, and those that orca could be tricked into running (I08).</summary>
[Category("EndToEnd")]
public sealed class HostileProgramTests
{
    /// <summary>Gives a file the capabilities net_raw and sys_chroot, effective from the start, and prints how many bytes say so afterwards.</summary>
    private const string GiveCapabilities = """
        my ($set, $get) = `uname -m` =~ /x86/ ? (188, 191) : (5, 8);
        my ($file, $name, $value, $room) = ("/g", "security.capability", pack("V5", 0x02000001, 0x42000, 0, 0, 0), "\0" x 64);
        syscall($set, $file, $name, $value, 20, 0) == 0 or die "not set: $!";
        print syscall($get, $file, $name, $room, 64) >= 20 ? "given\n" : "not kept: $!\n";
        """;

    /// <summary>Keeps a directory open, lets the root become another one below it, and climbs from the one to where the root once was.</summary>
    private const string ClimbOut = """
        mkdir "/jail"; opendir(my $out, "/") or die; chroot "/jail" or die "chroot: $!";
        chdir $out or die; for (1 .. 64) { chdir ".." } chroot "." or die;
        print -e $ARGV[0] ? "out\n" : -e "/jail" ? "inside\n" : "lost\n";
        """;

    [Test]
    public void S11_FileWithCapabilities_GivesAnotherUserNone()
    {
        using var home = new Home();
        home.Orca("run", "--name", "box", World.Debian, "sh", "-ec", "cp /bin/grep /g; chmod 4755 /g; perl -e \"$0\"", GiveCapabilities).Within(120).Run().Prints("given");
        home.Orca("run", "-u", "1000", "--name", "box", World.Debian, "/g", "-E", "^(Uid|CapPrm|CapEff)", "/proc/self/status").Run()
            .Prints("Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000");
    }

    [Test]
    public void S18_ClimbingOutOfAnotherRoot_EndsAtTheContainers()
    {
        var tripwire = World.Shared.Write("tripwire-" + Guid.NewGuid().ToString("N"), "outside\n");
        World.Orca("run", World.Debian, "perl", "-e", ClimbOut, tripwire).Prints("inside");
    }

    [TestCase("--init")]
    [TestCase("--pid=host")]
    [TestCase("--init=false")]
    public void Cve_2019_5736_S24_ProgramsOfTheProcessesInSight_AreNotWritten(string option)
    {
        using var home = new Home();
        home.Shell("cp \"$orca\" mine && sha256sum mine > sum").Succeeds();
        home.Program("./mine", ["run", option, World.Busybox, "sh", "-c", "for i in 1 2 3 4 5; do for p in /proc/[0-9]*/exe /proc/self/exe; do { echo x >> $p; } 2>/dev/null; done; done; echo tried"])
            .Within(120).Run().Prints("tried");
        home.Shell("sha256sum -c --quiet sum && ./mine version > /dev/null && echo whole").Prints("whole");
    }

    [Test]
    public void I08_ProgramsAndLibrariesOfAnImage_AreNeverTheHosts()
    {
        using var home = new Home();
        home.Orca("run", "--name", "box", World.Debian, "sh", "-c", "cp /bin/true /bin/gzip; cp /bin/true /usr/bin/nsenter").Within(120).Run().Succeeds();
        foreach (var line in (string[])["ps -a", "images", "system df", "system check", "export box -o box.tar", "save -o image.tar " + World.Debian])
        {
            home.Program("strace", ["-f", "-qq", "-o", "trace", "-e", "trace=execve,execveat,mmap,openat,openat2", World.Binary, .. line.Split(' ')]).Within(120).Run().Succeeds();
            Assert.That(home.Shell($"grep -E 'exec(ve|veat)\\(' trace | grep -vF -e 'execve(\"{World.Binary}\"' -e ', \"\", [' -e resumed").Output, Is.Empty, line);
            Assert.That(home.Shell("grep -E 'PROT_EXEC.*, [0-9]+, ' trace | grep -v -- '-1, 0'").Output, Is.Empty, line + ": nothing is mapped to be run");
        }
    }

    [TestCase("images", "--format", "json")]
    [TestCase("ps", "-a", "--format", "json")]
    [TestCase("system", "df", "--format", "json")]
    [TestCase("system", "check", "--format", "json")]
    [TestCase("plan", "--format", "json", "--pull", "never", "localhost:5000/none", "true")]
    [TestCase("images", "-q")]
    public void I07_OutputForPrograms_IsEmptyOnFailure_AndTheErrorStandsApart(params string[] arguments)
    {
        using var home = new Home();
        home.Shell("mkdir -p store && echo orca store 99 > store/format").Succeeds();
        var failed = home.Orca(["--root", home.Directory + "/store", .. arguments]).Run().Ends(125);
        Assert.That(failed.Bytes, Is.Empty);
        Assert.That(failed.Errors, Does.StartWith("orca: cannot ").And.Not.Contain("   at "));
    }
}
