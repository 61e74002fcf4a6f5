using NUnit.Framework;

namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about limits, and those for an administrator: what can be tried is tried, in a shell or namespaces of its own; of the rest the knob or the form is checked.</summary>
[Category("EndToEnd")]
public sealed class MachineHintTests
{
    /// <summary>Where no process may be started, the shell cannot start one for <c>$(...)</c> either.</summary>
    [TestCase("n", "20", "$(ulimit -Hn)")]
    [TestCase("f", "100", "$(ulimit -Hf)")]
    [TestCase("u", "500", "hard")]
    [TestCase("d", "2000000", "hard")]
    [TestCase("v", "8000000", "hard")]
    public void Limit_IsRaisedByWhatTheHintSays(string letter, string low, string hard) => Assert.That(
        World.Tool("bash", "-c", $"ulimit -S{letter} {low}; ulimit -{letter} {hard}; test $(ulimit -S{letter}) = $(ulimit -H{letter}) && echo raised").Succeeds().Output, Is.EqualTo("raised\n"));

    [TestCase("ulimit -Ss 100; ulimit -s 8192; ulimit -Ss", "8192\n")]
    [TestCase("ulimit -Sv 8000000; ulimit -v unlimited; ulimit -Sv", "unlimited\n")]
    [TestCase("ulimit -a > /dev/null && ulimit -aH > /dev/null && echo shown", "shown\n")]
    public void LimitOfTheStart_IsRaisedByWhatTheHintSays(string line, string printed) => Assert.That(World.Tool("bash", "-c", line).Succeeds().Output, Is.EqualTo(printed));

    /// <summary>Each is a file that sysctl(8) writes; those that not every kernel has are proposed only where their file says so.</summary>
    [TestCase("user/max_user_namespaces")]
    [TestCase("user/max_mnt_namespaces")]
    [TestCase("user/max_pid_namespaces")]
    [TestCase("user/max_uts_namespaces")]
    [TestCase("user/max_ipc_namespaces")]
    [TestCase("user/max_cgroup_namespaces")]
    [TestCase("user/max_net_namespaces")]
    [TestCase("user/max_time_namespaces")]
    [TestCase("vm/memfd_noexec")]
    public void Knob_IsThere(string knob) => Assert.That(File.Exists("/proc/sys/" + knob));

    [Test]
    public void SubIds_AreGivenByWhatTheHintSays()
    {
        Needs.Root("it adds sub-ids, to a copy of /etc");
        const string script = """
            set -e
            mount -t tmpfs none /mnt
            cp /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/login.defs /mnt
            for file in subuid subgid; do : > /mnt/$file; done
            mount --bind /mnt /etc
            usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$0"
            cat /etc/subuid /etc/subgid
            """;
        Assert.That(World.Tool("unshare", "-m", "sh", "-c", script, World.User).Succeeds().Lines, Is.EqualTo([$"{World.User}:100000:65536", $"{World.User}:100000:65536"]));
    }

    /// <summary>A network namespace has a range of its own. Only the file that the hint writes is applied there.</summary>
    [Test]
    public void Ping_IsAllowedByWhatTheHintSays()
    {
        Needs.Root("it makes a network namespace, and enters it as another user");
        const string script = """
            set -e
            for directory in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d; do
              [ ! -d $directory ] || mount -t tmpfs none $directory
            done
            [ ! -e /etc/sysctl.conf ] || mount --bind /dev/null /etc/sysctl.conf
            sudo() { "$@"; }
            doctor() { setpriv --reuid "$0" --regid "$0" --clear-groups "$1" doctor | grep -A1 " ping: "; }
            echo "1 0" > /proc/sys/net/ipv4/ping_group_range
            eval "$(doctor "$1" | sed -n 's/^ *cure: .*: //p')" > /dev/null
            doctor "$1"
            """;
        Assert.That(World.Tool("unshare", "-nm", "sh", "-c", script, World.User, World.Binary).Succeeds().Output, Does.StartWith("works     ping: "));
    }

    [Test]
    public void AppArmorProfile_IsPrinted() => Assert.That(World.Orca("doctor", "--apparmor-profile").Succeeds().Output, Does.Contain("userns"));
}
