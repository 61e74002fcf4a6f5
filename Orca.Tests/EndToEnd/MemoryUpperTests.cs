using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Changes of a container in memory: <c>--tmpfs-upper</c>.</summary>
[Category("EndToEnd")]
public sealed class MemoryUpperTests
{
    [OneTimeSetUp]
    public void Pull() => World.Orca("run", World.Busybox, "true").Succeeds();

    [TestCase("")]
    [TestCase("-u 1000")]
    [TestCase("--security-opt seccomp=unconfined")]
    public void Changes_AreSeenInside_AndNotOnTheDisk(string options)
    {
        // Deleting and making anew needs the attributes of overlay in memory; the permissions of the root are the image's.
        const string script = "stat -c %a / && rm -rf /home && mkdir /home && echo inside >/home/file && cat /home/file && ls /home";
        var arguments = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var plain = World.Orca(["run", "--userns=auto", World.Busybox, "stat", "-c", "%a", "/"]).Succeeds().Output;
        if (!options.StartsWith("-u", StringComparison.Ordinal))
        {
            Assert.That(World.Orca(["run", .. arguments, "--tmpfs-upper", World.Busybox, "sh", "-c", script]).Succeeds().Output, Is.EqualTo(plain + "inside\nfile\n"));
        }

        var written = World.Orca(["run", .. arguments, "--tmpfs-upper", "-v", $"{World.Shared.Directory}/.local/share/orca/containers:/containers:ro", World.Busybox,
            "sh", "-c", "echo x >/tmp/marked-7762 && cd /containers && find . -name 'marked-7762'"]).Succeeds();
        Assert.That(written.Output, Is.Empty, "the host's view of the container has nothing of the change");
    }

    [Test]
    public void Size_IsTheMost() => Assert.That(
        World.Orca("run", "--tmpfs-upper=1m", World.Busybox, "sh", "-c", "head -c 3000000 /dev/zero >/big; echo $?; ls -l /big | grep -c 3000000; df -k / | tail -1 | grep -c 1024").Output,
        Does.StartWith("1\n0\n"));

    [Test]
    public void ReadOnlyRoot_GoesTogetherWithIt() =>
        Assert.That(World.Orca("run", "--tmpfs-upper", "--read-only", World.Busybox, "sh", "-c", "touch /x 2>/dev/null || echo refused").Succeeds().Output, Is.EqualTo("refused\n"));

    [TestCase("--name", "kept")]
    [TestCase("--name", "kept", "--rm")]
    public void NamedContainer_IsRefused_BeforeAnythingIsMade(params string[] options)
    {
        var outcome = World.Orca(["run", .. options, "--tmpfs-upper", World.Busybox, "true"]).Ends(125);
        Assert.That(outcome.Errors, Is.EqualTo("orca: cannot use '--tmpfs-upper' with '--name': changes in memory go with the run, and a named container keeps them\nhint: leave one of them out\n"));
        Assert.That(World.Orca("ps", "-aq").Succeeds().Lines, Has.None.EqualTo("kept"));
    }

    [TestCase("--tmpfs-upper=much", "'much' is not a size such as 64m")]
    [TestCase("--tmpfs-upper=0", "'0' is not a size such as 64m")]
    public void Size_ThatIsNone_IsRefused(string option, string words) => Assert.That(World.Orca("run", option, World.Busybox, "true").Ends(125).Errors, Does.Contain(words));

    /// <summary>A copy of the image would be on the disk.</summary>
    [Test]
    public void HostWithoutOverlay_IsRefused() =>
        Assert.That(Refuse.Orca("mount-plain=EPERM", "run", "--tmpfs-upper", World.Busybox, "true").Ends(125).Errors, Does.Contain("mount"));
}
