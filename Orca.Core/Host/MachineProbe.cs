using System.Runtime.InteropServices;
using Orca.Core.Programs;
using Orca.Core.References;

namespace Orca.Core.Host;

/// <summary>Looks at the processor, at what its kernel runs, and at the clock.</summary>
public sealed class MachineProbe(TimeProvider time) : IHostProbe
{
    /// <summary>How a clock is set.</summary>
    public const string SetClock = "set it: 'sudo timedatectl set-ntp true', or 'sudo date -s ...'";

    private const int MaxProcessors = 64 << 20, MaxShell = 64 << 20;
    private const string Shell = "/bin/sh";

    /// <summary>What levels 2, 3 and 4 add, in the words of /proc/cpuinfo.</summary>
    private static readonly string[][] s_levels =
    [
        ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"],
        ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"],
        ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
    ];

    /// <inheritdoc/>
    public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken)
    {
        yield return new HostFinding("processor", HostVerdict.Works, $"{Platform.Current}, {Level()}");
        var machine = ProgramMachine.Current;
        yield return BoardFindings.Programs(machine);
        yield return BoardFindings.Pages(machine);
        if (BoardFindings.Userland(HostFileReader.ReadDefault(Shell, MaxShell) is { IsRead: true } shell ? shell.Content : null, Platform.Current) is { } userland)
        {
            yield return userland;
        }

        yield return BoardFindings.Clock(time.GetUtcNow(), HostFileReader.ListDefault("/sys/class/rtc").Names.Count > 0);
    }

    /// <summary>The level of the x86-64 psABI that binaries in images may ask for; elsewhere what the processor lacks, or the architecture.</summary>
    private static string Level()
    {
        // The kernel's list also knows what it has switched off; asking the runtime answers for what this program was compiled for.
        var file = HostFileReader.ReadDefault("/proc/cpuinfo", MaxProcessors);
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return BoardFindings.Lacking(file.Text) ?? RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        }

        return file.IsRead ? Level(file.Text) : $"unknown level, for /proc/cpuinfo cannot be read: {file.Cause}";
    }

    internal static string Level(string processors)
    {
        var line = Array.Find(processors.Split('\n'), static line => line.StartsWith("flags", StringComparison.Ordinal)) ?? string.Empty;
        var flags = line.Split(' ', '\t', ':').ToHashSet(StringComparer.Ordinal);
        var level = 1;
        while (level <= s_levels.Length && flags.IsSupersetOf(s_levels[level - 1]))
        {
            level++;
        }

        return level > 1 ? $"x86-64-v{level}" : "x86-64-v1: images built for newer processors (RHEL 9 and later) end with 'Fatal glibc error'";
    }
}
