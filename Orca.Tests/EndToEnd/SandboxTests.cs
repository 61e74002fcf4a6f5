using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>The default sandbox as the container sees it.</summary>
[Category("EndToEnd")]
public sealed class SandboxTests
{
    private const string Fourteen = "00000000a80425fb"; // Docker's
    private const string None = "0000000000000000";

    [Test]
    public void Capabilities_OfRoot_AreDockersFourteen()
        => World.Orca("run", World.Busybox, "grep", "^Cap", "/proc/self/status")
            .Prints($"CapInh:\t{None}\nCapPrm:\t{Fourteen}\nCapEff:\t{Fourteen}\nCapBnd:\t{Fourteen}\nCapAmb:\t{None}");

    [Test]
    public void Capabilities_OfAnotherUser_AreNone()
        => World.Orca("run", "-u", "1000", World.Busybox, "grep", "^Cap", "/proc/self/status")
            .Prints($"CapInh:\t{None}\nCapPrm:\t{None}\nCapEff:\t{None}\nCapBnd:\t{None}\nCapAmb:\t{None}");

    [Test]
    public void NewPrivileges_AreOff()
        => World.Orca("run", World.Busybox, "grep", "^NoNewPrivs", "/proc/self/status").Prints("NoNewPrivs:\t1");

    [TestCase("user")]
    [TestCase("mnt")]
    [TestCase("pid")]
    [TestCase("uts")]
    [TestCase("ipc")]
    [TestCase("cgroup")]
    public void Namespace_IsItsOwn(string name)
    {
        var inside = World.Orca("run", World.Busybox, "readlink", "/proc/self/ns/" + name).Succeeds().Output;
        Assert.That(inside, Is.Not.EqualTo(World.Tool("readlink", "/proc/self/ns/" + name).Output));
    }

    [Test]
    public void Namespace_OfTheNetwork_IsTheHosts()
        => Assert.That(
            World.Orca("run", World.Busybox, "readlink", "/proc/self/ns/net").Succeeds().Output,
            Is.EqualTo(World.Tool("readlink", "/proc/self/ns/net").Output));

    [TestCase("/proc/acpi")]
    [TestCase("/proc/interrupts")]
    [TestCase("/proc/kcore")]
    [TestCase("/proc/keys")]
    [TestCase("/proc/latency_stats")]
    [TestCase("/proc/scsi")]
    [TestCase("/proc/timer_list")]
    [TestCase("/sys/firmware")]
    public void Path_Masked_IsEmpty(string path)
        => World.Orca("run", World.Busybox, "sh", "-c", $"if [ -d {path} ]; then ls -A {path}; else head -c 10 {path} 2>/dev/null | wc -c | grep -v '^0$'; fi; true").Prints("");

    [TestCase("/proc/sys")]
    [TestCase("/proc/sysrq-trigger")]
    [TestCase("/proc/irq")]
    [TestCase("/proc/bus")]
    [TestCase("/proc/fs")]
    public void Path_ReadOnly_IsMountedSo(string path)
    {
        if (!Path.Exists(path))
        {
            Assert.Pass($"this kernel has no {path}");
        }

        Assert.That(Mount(path).Options, Does.Contain("ro"));
    }

    [TestCase("/sys")]
    public void Tree_OfTheKernel_IsReadOnly(string path)
        => Assert.That(Mount(path).Options, Is.SupersetOf(["ro", "nosuid", "nodev", "noexec"]));

    [TestCase("/proc", "proc", "nosuid,nodev,noexec")]
    [TestCase("/dev", "tmpfs", "nosuid")]
    [TestCase("/dev/pts", "devpts", "nosuid,noexec")]
    [TestCase("/dev/shm", "tmpfs", "nosuid,nodev,noexec")]
    [TestCase("/dev/mqueue", "mqueue", "nosuid,nodev,noexec")]
    public void Mount_HasItsOptions(string path, string type, string options)
    {
        var mount = Mount(path);
        Assert.That(mount.Type, Is.EqualTo(type));
        Assert.That(mount.Options, Is.SupersetOf(options.Split(',')));
    }

    /// <summary>S14: every mount, and the same ones each time; of the host's paths only the overlay's own options tell.</summary>
    [Test]
    public void Mounts_HaveTheOptionsOfTheirPlace_AndTellOfNoOther()
    {
        string[] Lines() => World.Orca("run", "-v", "/etc/hostname:/h:ro", World.Busybox, "cat", "/proc/self/mountinfo").Succeeds().Lines;
        var lines = Lines();
        var hostDevices = lines.Select(static line => line.Split(' ')).First(static line => line[4] == "/dev/null")[2];
        Assert.That(Lines().Select(static line => string.Join(' ', line.Split(' ')[3..6])), Is.EqualTo(lines.Select(static line => string.Join(' ', line.Split(' ')[3..6]))));
        foreach (var line in lines.Select(static line => line.Split(' ')))
        {
            var (root, path, options) = (line[3], line[4], line[5].Split(','));
            var type = line[Array.IndexOf(line, "-") + 1];
            string[] wanted = path.StartsWith("/sys", StringComparison.Ordinal) || (path.StartsWith("/proc/", StringComparison.Ordinal) && root != "/null") ? ["ro", "nosuid", "nodev", "noexec"]
                : path == "/proc" ? ["rw", "nosuid", "nodev", "noexec"]
                : path is "/" or "/h" || line[2] == hostDevices ? [] // device nodes keep what the host's /dev has
                : ["nosuid"];
            Assert.That(options, Is.SupersetOf(wanted), string.Join(' ', line));
            Assert.That(root, path == "/h" ? Does.EndWith("/hostname") : Does.Not.Contain("home").And.Not.Contain("orca"), string.Join(' ', line));
            Assert.That(type == "overlay" ? [] : line.Where(static field => field.Contains("/.local/", StringComparison.Ordinal) || field.Contains("orca-e2e", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public void Devices_AreTheUsualAndNoMore()
    {
        var listed = World.Orca("run", World.Busybox, "ls", "/dev").Succeeds().Lines.Where(name => name is not ("core" or "resolve")); // the kernel may lack the one, the host's resolver the other
        Assert.That(listed, Is.EquivalentTo(["fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"]));
        World.Orca("run", World.Busybox, "stat", "-c", "%a", "/dev").Prints("755");
    }

    [Test]
    public void OldRoot_IsGone()
    {
        var tripwire = World.Shared.Write("tripwire-" + Guid.NewGuid().ToString("N"), "outside\n");
        World.Orca("run", World.Busybox, "sh", "-c", $"test -e {tripwire} && echo seen; find / -xdev -name '{Path.GetFileName(tripwire)}' 2>/dev/null; true").Prints("");
        var mounts = World.Orca("run", World.Busybox, "cut", "-d", " ", "-f", "5", "/proc/self/mountinfo").Succeeds().Lines;
        Assert.That(
            mounts.Where(path => path is not ("/" or "/etc/resolv.conf" or "/etc/hosts" or "/etc/hostname" or "/run/.containerenv"))
                .Where(path => !path.StartsWith("/proc", StringComparison.Ordinal) && !path.StartsWith("/sys", StringComparison.Ordinal) && !path.StartsWith("/dev", StringComparison.Ordinal)),
            Is.Empty);
        Assert.That(mounts.Count(path => path == "/"), Is.EqualTo(1));
    }

    [Test]
    public void Root_IsPrivate_NoMountComesBackOut()
    {
        World.Orca("run", World.Busybox, "sh", "-c", "grep -c shared: /proc/self/mountinfo; true").Prints("0");
    }

    [Test]
    public void Processes_OfTheHost_AreNotSeen()
    {
        var seen = World.Orca("run", World.Busybox, "sh", "-c", "ls -d /proc/[0-9]* | wc -l").Succeeds();
        Assert.That(int.Parse(seen.Output, null), Is.LessThan(8));
    }

    [Test]
    public void Mounting_IsNotAllowedInside()
        => Assert.That(World.Orca("run", World.Busybox, "mount", "-t", "tmpfs", "none", "/tmp").Status, Is.Not.Zero);

    [Test]
    public void SetUidFile_GivesNothing()
        => World.Orca("run", "-u", "1000", World.Debian, "sh", "-c", "stat -c %a /usr/bin/su; grep ^CapEff /proc/self/status").Prints($"4755\nCapEff:\t{None}");

    [Test]
    public void Orca_WithoutAnySubId_Works()
    {
        Assert.That(File.Exists("/etc/subuid") ? File.ReadAllText("/etc/subuid") : "", Does.Not.Contain(World.User + ":"));
        World.Orca("run", World.Busybox, "sh", "-c", "cat /proc/self/uid_map | wc -l; awk '{print $1, $3}' /proc/self/uid_map").Prints("1\n0 1");
    }

    private static (string Type, string[] Options) Mount(string path)
    {
        var line = World.Orca("run", World.Busybox, "cat", "/proc/self/mountinfo").Succeeds().Lines
            .LastOrDefault(line => line.Split(' ')[4] == path);
        Assert.That(line, Is.Not.Null, $"nothing is mounted at {path}");
        var fields = line!.Split(' ');
        return (fields[Array.IndexOf(fields, "-") + 1], fields[5].Split(','));
    }
}
