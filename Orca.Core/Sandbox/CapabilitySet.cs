using System.Globalization;

namespace Orca.Core.Sandbox;

/// <summary>A set of capabilities: bit n for capability n, as the kernel keeps it.</summary>
/// <param name="Bits">The bits.</param>
public readonly record struct CapabilitySet(ulong Bits)
{
    /// <summary>What root in a container may do: Docker's fourteen.</summary>
    public static readonly CapabilitySet Default = Of(
        Capability.Chown, Capability.DacOverride, Capability.Fsetid, Capability.Fowner, Capability.Mknod, Capability.NetRaw, Capability.Setgid,
        Capability.Setuid, Capability.Setfcap, Capability.Setpcap, Capability.NetBindService, Capability.SysChroot, Capability.Kill, Capability.AuditWrite);

    /// <summary>All that this orca knows.</summary>
    public static readonly CapabilitySet All = new((1UL << ((int)Capability.CheckpointRestore + 1)) - 1);

    /// <summary>The set of these.</summary>
    public static CapabilitySet Of(params ReadOnlySpan<Capability> capabilities)
    {
        var bits = 0UL;
        foreach (var capability in capabilities)
        {
            bits |= 1UL << (int)capability;
        }

        return new CapabilitySet(bits);
    }

    /// <summary>This set with some added and some dropped, as Docker reads the two lists: ALL stands for all, and what is added by name is there.</summary>
    /// <param name="add">Names, with or without <c>CAP_</c>, in any case; or <c>ALL</c>.</param>
    /// <param name="drop">Likewise.</param>
    /// <exception cref="Errors.SandboxException">A name is unknown.</exception>
    public CapabilitySet With(IReadOnlyList<string> add, IReadOnlyList<string> drop)
    {
        var (added, addAll) = Read(add);
        var (dropped, dropAll) = Read(drop);
        var start = addAll ? All.Bits : dropAll ? 0 : Bits;
        return new CapabilitySet((start & ~dropped) | added);
    }

    /// <summary>True when the capability is in the set.</summary>
    public bool Contains(Capability capability) => (Bits >> (int)capability & 1) != 0;

    /// <summary>As the kernel shows it: <c>00000000a80425fb</c>.</summary>
    public override string ToString() => Bits.ToString("x16", CultureInfo.InvariantCulture);

    private static (ulong Bits, bool All) Read(IReadOnlyList<string> names)
    {
        var (bits, all) = (0UL, false);
        foreach (var name in names)
        {
            if (string.Equals(name, "ALL", StringComparison.OrdinalIgnoreCase) || string.Equals(name, "CAP_ALL", StringComparison.OrdinalIgnoreCase))
            {
                all = true;
            }
            else
            {
                bits |= 1UL << (int)CapabilityName.Parse(name);
            }
        }

        return (bits, all);
    }
}
