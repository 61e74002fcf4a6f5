namespace Orca.Sandbox.Planning;

/// <summary>Capabilities by number (capabilities(7), linux/capability.h).</summary>
internal enum Capability
{
    Chown = 0, DacOverride = 1, DacReadSearch = 2, Fowner = 3, Fsetid = 4, Kill = 5, Setgid = 6, Setuid = 7, Setpcap = 8,
    LinuxImmutable = 9, NetBindService = 10, NetBroadcast = 11, NetAdmin = 12, NetRaw = 13, IpcLock = 14, IpcOwner = 15,
    SysModule = 16, SysRawio = 17, SysChroot = 18, SysPtrace = 19, SysPacct = 20, SysAdmin = 21, SysBoot = 22, SysNice = 23,
    SysResource = 24, SysTime = 25, SysTtyConfig = 26, Mknod = 27, Lease = 28, AuditWrite = 29, AuditControl = 30, Setfcap = 31,
    MacOverride = 32, MacAdmin = 33, Syslog = 34, WakeAlarm = 35, BlockSuspend = 36, AuditRead = 37, Perfmon = 38, Bpf = 39,
    CheckpointRestore = 40,
}

/// <summary>A set of capabilities: bit n for capability n, as the kernel keeps it.</summary>
internal readonly record struct CapabilitySet(ulong Bits)
{
    /// <summary>What root in a container may do: podman's eleven.</summary>
    internal static readonly CapabilitySet Default = Of(
        Capability.Chown, Capability.DacOverride, Capability.Fowner, Capability.Fsetid, Capability.Kill, Capability.NetBindService,
        Capability.Setfcap, Capability.Setgid, Capability.Setpcap, Capability.Setuid, Capability.SysChroot);

    /// <summary>The set of these.</summary>
    internal static CapabilitySet Of(params ReadOnlySpan<Capability> capabilities)
    {
        var bits = 0UL;
        foreach (var capability in capabilities)
        {
            bits |= 1UL << (int)capability;
        }

        return new CapabilitySet(bits);
    }

    /// <summary>True when the capability is in the set.</summary>
    internal bool Contains(int capability) => (Bits >> capability & 1) != 0;

    /// <summary>As the kernel shows it: <c>00000000800405fb</c>.</summary>
    public override string ToString() => Bits.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
