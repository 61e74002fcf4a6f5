namespace Orca.Sandbox.Planning;

/// <summary>What every container gets, and what is hidden from it: the union of docker's, podman's and runc's defaults.</summary>
internal static class DefaultSandbox
{
    /// <summary>How the kernel's own file systems below /sys are mounted.</summary>
    internal const MountFlags SysFlags = MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;

    /// <summary>Device nodes bound from the host, with their numbers (kernel: Documentation/admin-guide/devices.txt).</summary>
    internal static readonly (string Name, uint Major, uint Minor)[] Devices =
        [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

    /// <summary>Links in /dev.</summary>
    internal static readonly (string Name, string Target)[] DeviceLinks =
    [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
        ("core", "/proc/kcore"), ("ptmx", "pts/ptmx"),
    ];

    /// <summary>Files that would tell about the host, or let it be harmed.</summary>
    internal static readonly string[] MaskedFiles =
    [
        "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/timer_list", "/proc/timer_stats",
    ];

    /// <summary>Directories likewise. /sys/kernel is there because the host's /sys is bound, not mounted anew.</summary>
    internal static readonly string[] MaskedDirectories =
    [
        "/proc/acpi", "/proc/asound", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", "/sys/fs/selinux", "/sys/kernel",
    ];

    /// <summary>Paths that can be read only.</summary>
    internal static readonly string[] ReadOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
}
