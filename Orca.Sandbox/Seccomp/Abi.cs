namespace Orca.Sandbox.Seccomp;

/// <summary>The ways to enter the kernel that orca knows; each numbers its calls in its own way. The values are columns of system-calls.txt.</summary>
internal enum Abi
{
    X64 = 0,
    X32 = 1,
    I386 = 2,
    Arm64 = 3,
    Arm = 4,
}

/// <summary>What a processor runs: its own ABI, and the older ones that its kernel keeps for old programs.</summary>
/// <param name="Native">The ABI of orca itself, AUDIT_ARCH value (linux/audit.h).</param>
/// <param name="Other">The 32-bit one beside it.</param>
internal sealed record Machine(MachineAbi Native, MachineAbi Other)
{
    /// <summary>x86-64, where x32 shares the architecture's mark and most numbers, and i386.</summary>
    internal static readonly Machine X64 = new(new MachineAbi(0xC000003E, Abi.X64, Abi.X32), new MachineAbi(0x40000003, Abi.I386, null));

    /// <summary>arm64 and 32-bit arm EABI.</summary>
    internal static readonly Machine Arm64 = new(new MachineAbi(0xC00000B7, Abi.Arm64, null), new MachineAbi(0x40000028, Abi.Arm, null));

    /// <summary>The one this process runs on.</summary>
    internal static Machine Current => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => X64,
        System.Runtime.InteropServices.Architecture.Arm64 => Arm64,
        var other => throw new PlatformNotSupportedException($"orca has no system call table for {other}"),
    };
}

/// <summary>One value of seccomp_data.arch, and the ABIs that come under it.</summary>
/// <param name="AuditArchitecture">AUDIT_ARCH_... of linux/audit.h.</param>
/// <param name="Main">Its ABI.</param>
/// <param name="Marked">The ABI whose numbers carry bit 30 beside it (x32), or null.</param>
internal sealed record MachineAbi(uint AuditArchitecture, Abi Main, Abi? Marked);
