using System.Globalization;
using Orca.Core.Programs;
using Orca.Core.References;

namespace Orca.Core.Host;

/// <summary>What single-board computers differ in: which programs the kernel runs, its pages, its userland, its clock. Pure.</summary>
internal static class BoardFindings
{
    private const int SmallPages = 4096;
    private static readonly string[] s_instructions = ["aes", "sha2"];
    private static readonly DateTimeOffset s_written = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero); // orca is younger

    /// <summary>Which programs beside its own the kernel runs.</summary>
    internal static HostFinding Programs(ProgramMachine machine)
    {
        var others = machine.AlsoRuns.Select(other => other.Architecture switch
        {
            ElfPlatform.X32 => "x32",
            "arm" when machine.PageSize > SmallPages => $"linux/arm (only programs aligned to {ProgramMachine.Size((ulong)machine.PageSize)} or more)",
            _ => $"{other.Os}/{other.Architecture}",
        }).ToList();
        return new HostFinding("32-bit programs", HostVerdict.Works, others.Count == 0 ? "none: this kernel runs no programs but its own" : string.Join(", ", others));
    }

    /// <summary>The size of the kernel's pages.</summary>
    internal static HostFinding Pages(ProgramMachine machine)
    {
        const string subject = "page size";
        var size = ProgramMachine.Size((ulong)machine.PageSize);
        return machine.PageSize <= SmallPages ? new HostFinding(subject, HostVerdict.Works, size)
            : new HostFinding(subject, HostVerdict.Fallback, $"{size}: programs that were built for 4 KB alone do not run") { Cure = ProgramCheck.LargePages(machine) };
    }

    /// <summary>Says so when the programs of the host are of 32 bits and the kernel is not; null otherwise.</summary>
    /// <param name="shell">The first bytes of /bin/sh; null when it cannot be read.</param>
    /// <param name="platform">The platform of this process.</param>
    internal static HostFinding? Userland(byte[]? shell, Platform platform) => shell is not null && ElfHeader.Read(shell) is { Is64: false } header && platform.Architecture is "arm64" or "amd64"
        ? new HostFinding("userland", HostVerdict.Works, $"32-bit ({ElfPlatform.Of(header)}) on a 64-bit kernel: orca is static and needs nothing of it, containers are {platform}")
        : null;

    /// <summary>The instructions that make TLS and digests fast and that an arm64 processor lacks, as on Raspberry Pi 3 and 4; null when it has them.</summary>
    /// <param name="processors">/proc/cpuinfo.</param>
    internal static string? Lacking(string processors)
    {
        var line = Array.Find(processors.Split('\n'), static line => line.StartsWith("Features", StringComparison.Ordinal));
        if (line is null)
        {
            return null;
        }

        var features = line.Split(' ', '\t', ':').ToHashSet(StringComparer.Ordinal);
        var lacking = string.Join(" and ", s_instructions.Where(feature => !features.Contains(feature)));
        return lacking.Length == 0 ? null : $"without {lacking} instructions: pulls take more time, runs do not";
    }

    /// <summary>What the clock shows.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hasClock">Whether the machine has a clock that runs without power.</param>
    internal static HostFinding Clock(DateTimeOffset now, bool hasClock)
    {
        const string subject = "clock";
        var shown = now.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        var kind = hasClock ? string.Empty : "; this machine has no clock that runs without power, the network sets it after the start";
        return now >= s_written
            ? new HostFinding(subject, HostVerdict.Works, shown + kind)
            : new HostFinding(subject, HostVerdict.Fails, $"it shows {shown}, before this program was written: no registry's certificate will be valid{kind}") { Cure = MachineProbe.SetClock };
    }
}
