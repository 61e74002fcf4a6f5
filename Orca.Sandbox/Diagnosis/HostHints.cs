using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Sandbox.Diagnosis;

/// <summary>What helps when the host says no: the one table behind the hints of failed runs and the cures of <c>orca doctor</c>.</summary>
internal static class HostHints
{
    /// <summary>What helps when a process may not have more open files.</summary>
    internal const string TooFewFiles = "raise the limit as far as you may: ulimit -n $(ulimit -Hn)";

    /// <summary>What helps when a user may not have more processes.</summary>
    internal const string TooFewProcesses = "you may have no more processes; end some, or raise the limit as far as you may: ulimit -u hard";

    /// <summary>Kinds of namespaces by the name of their limit below /proc/sys/user.</summary>
    private static readonly (string Limit, string Kind)[] s_limits =
    [
        ("user", "user"), ("mnt", "mount"), ("pid", "pid"), ("uts", "uts"), ("ipc", "ipc"), ("cgroup", "cgroup"), ("net", "network"), ("time", "time"),
    ];

    /// <summary>Parts of the releases (uname -r) of the kernels that are made for Raspberry Pi boards: 6.6.31+rpt-rpi-v8, 6.1.21-v8+, 6.8.0-1013-raspi.</summary>
    private static readonly string[] s_foundation = ["-rpi", "-raspi", "-v8+", "-v8-16k"];

    /// <summary>New namespaces were refused.</summary>
    internal static string OfNamespaces(Errno errno) => errno switch
    {
        Errno.ENOSPC or Errno.EUSERS when SwitchedOff() is { } limit =>
            $"new {limit.Kind} namespaces are switched off; an administrator can allow them: {Persist($"user.max_{limit.Limit}_namespaces=15000")}",
        Errno.ENOSPC or Errno.EUSERS => "the limit of namespaces is reached, or they are nested too deep (32 levels at most): see /proc/sys/user",
        Errno.EINVAL => "the kernel was built without user namespaces",
        Errno.EMFILE => TooFewFiles,
        Errno.EAGAIN => TooFewProcesses,
        Errno.EPERM when Surrounding.Sysctl("kernel/unprivileged_userns_clone") == "0" =>
            $"user namespaces are switched off; an administrator can allow them: {Persist("kernel.unprivileged_userns_clone=1")}",
        _ => OfRestriction(),
    };

    /// <summary>A user namespace was made, but what it should allow is refused.</summary>
    internal static string OfRestriction()
    {
        if (Surrounding.Sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1")
        {
            return "AppArmor lets only programs with a profile use user namespaces; an administrator can give orca one: "
                + $"orca doctor --apparmor-profile | sudo tee {AppArmorProfile.Path} && sudo apparmor_parser -r {AppArmorProfile.Path}";
        }

        if (Surrounding.IsChroot())
        {
            return "this is a chroot, and the kernel makes no user namespaces in one; run orca outside, or enter the tree with pivot_root (as 'unshare -m', 'bwrap' or 'systemd-nspawn' do)";
        }

        return Surrounding.Container() is { } container
            ? $"the {container} container around orca forbids it, most likely by its seccomp filter; {OfContainer(container)}"
            : "something around orca forbids user namespaces: a seccomp filter, systemd's RestrictNamespaces=, or a security module";
    }

    /// <summary>A socket for ICMP was refused.</summary>
    internal static string OfPing() => $"the kernel lets groups of a range ping, and yours is not in it; an administrator can allow all: {Persist("net.ipv4.ping_group_range='0 2147483647'")}";

    /// <summary>/proc cannot be mounted anew.</summary>
    internal static string OfProc() => "the host masks part of /proc, as an unprivileged container does; "
        + (Surrounding.Container() is { } container ? OfContainer(container) : "give the outer container an unmasked /proc");

    /// <summary>The kernel has a controller of control groups switched off.</summary>
    internal static string OfController(string controller) => OfController(controller, Surrounding.Sysctl("kernel/osrelease") ?? string.Empty, Surrounding.Read("/proc/cmdline") ?? string.Empty);

    /// <summary>The kernel of the Raspberry Pi foundation alone knows a word that switches on what its firmware has switched off.</summary>
    internal static string OfController(string controller, string release, string commandLine)
    {
        var isFoundations = s_foundation.Any(mark => release.Contains(mark, StringComparison.Ordinal));
        var disabled = $"cgroup_disable={controller}";
        return controller == "memory" && isFoundations
            ? "the kernel has it switched off: add 'cgroup_enable=memory' to the one line of /boot/firmware/cmdline.txt (in older systems /boot/cmdline.txt), and reboot"
            : commandLine.Split(' ', '\n').Contains(disabled)
                ? $"the kernel has it switched off: take '{disabled}' off the kernel's command line, and reboot ('cgroup_enable' is known only to the kernel of the Raspberry Pi foundation)"
            : "the kernel was built without it, or another hierarchy of control groups has it: see /proc/cgroups";
    }

    private static string OfContainer(string container) => container switch
    {
        "docker" => "start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined",
        "podman" => "start it with --security-opt seccomp=unconfined --security-opt unmask=ALL",
        "lxc" => "allow nesting in it: security.nesting=true",
        "systemd-nspawn" => "start it with --private-users=pick and SYSTEMD_SECCOMP=0",
        "flatpak" => "a flatpak may not make namespaces; run orca outside of it: flatpak-spawn --host orca",
        _ => "give it fewer restrictions",
    };

    private static (string Limit, string Kind)? SwitchedOff()
    {
        foreach (var limit in s_limits)
        {
            if (Surrounding.Sysctl($"user/max_{limit.Limit}_namespaces") == "0")
            {
                return limit;
            }
        }

        return null;
    }

    private static string Persist(string setting) => $"echo {setting} | sudo tee /etc/sysctl.d/60-orca.conf && sudo sysctl --system";
}
