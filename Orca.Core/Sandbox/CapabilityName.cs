using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>Names of capabilities, as people write them.</summary>
public static class CapabilityName
{
    private const string Prefix = "CAP_";

    private static readonly string[] s_names =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

    /// <summary>The name without <c>CAP_</c>: <c>NET_ADMIN</c>.</summary>
    public static string Of(Capability capability) => s_names[(int)capability];

    /// <summary>Reads <c>NET_ADMIN</c>, <c>CAP_NET_ADMIN</c>, <c>net_admin</c>.</summary>
    /// <exception cref="SandboxException">There is no such capability; the hint names the nearest.</exception>
    public static Capability Parse(string name)
    {
        var bare = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? name[Prefix.Length..] : name;
        for (var i = 0; i < s_names.Length; i++)
        {
            if (string.Equals(s_names[i], bare, StringComparison.OrdinalIgnoreCase))
            {
                return (Capability)i;
            }
        }

        throw new SandboxException(
            $"cannot use capability '{Quoted.Text(name)}': the kernel has none of that name",
            Suggestion.Nearest(bare.ToUpperInvariant(), s_names) is { } near ? $"did you mean '{near}'? capabilities(7) lists them" : "capabilities(7) lists them");
    }
}
