namespace Orca.Core.Programs;

/// <summary>The platform of a program in Go's words, and what those do not say.</summary>
/// <param name="Architecture">Such as <c>arm64</c>; <c>machine 0x1234</c> for one that has no word.</param>
/// <param name="Remark">Such as <c>big endian</c>; null for nothing.</param>
/// <param name="IsKnown">False when no Linux that orca runs on can be told to run it.</param>
internal readonly record struct ElfPlatform(string Architecture, string? Remark = null, bool IsKnown = true)
{
    private const uint ArmAbi = 0xff000000, ArmSoft = 0x200, ArmHard = 0x400;

    /// <summary>Word for x32 in lists of what a kernel runs: 64-bit instructions with 32-bit addresses, no platform of images.</summary>
    internal const string X32 = "x32";

    /// <summary>The platform that a header names.</summary>
    internal static ElfPlatform Of(ElfHeader header) => (header.Machine, header.Is64, header.IsBigEndian) switch
    {
        (ElfHeader.I386 or 6, false, false) => new("386"),
        (ElfHeader.Amd64, true, false) => new("amd64"),
        (ElfHeader.Amd64, false, false) => new(X32),
        (ElfHeader.Arm, false, var big) => new("arm", big ? "big endian" : null, !big),
        (ElfHeader.Arm64, true, var big) => new("arm64", big ? "big endian" : null, !big),
        (ElfHeader.Arm64, false, _) => new("arm64", "32-bit addresses (ILP32)", IsKnown: false),
        (ElfHeader.Mips, false, var big) => new(big ? "mips" : "mipsle"),
        (ElfHeader.Mips, true, var big) => new(big ? "mips64" : "mips64le"),
        (ElfHeader.Ppc64, true, var big) => new(big ? "ppc64" : "ppc64le"),
        (ElfHeader.S390, true, true) => new("s390x"),
        (ElfHeader.RiscV, true, false) => new("riscv64"),
        (ElfHeader.LoongArch, true, false) => new("loong64"),
        var (machine, wide, big) => new($"machine 0x{machine:x}", $"{(wide ? 64 : 32)}-bit, {(big ? "big" : "little")} endian", IsKnown: false),
    };

    /// <summary>A 32-bit ARM program in words: <c>linux/arm/v7, hard float</c>.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="variant">What <see cref="ArmAttributes"/> says.</param>
    internal static string OfArm(ElfHeader header, string? variant)
    {
        var abi = (header.Flags & ArmAbi) == 0 ? ", old ABI" : (header.Flags & ArmHard) != 0 ? ", hard float" : (header.Flags & ArmSoft) != 0 ? ", soft float" : string.Empty;
        return $"linux/arm{(variant is null ? string.Empty : "/" + variant)}{abi}{(header.IsBigEndian ? ", big endian" : string.Empty)}";
    }

    /// <summary>For people.</summary>
    public override string ToString() => (Architecture is X32 ? "the x32 ABI of linux/amd64" : "linux/" + Architecture) + (Remark is null ? string.Empty : ", " + Remark);
}
