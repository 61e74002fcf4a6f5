using Orca.Core.Host;

namespace Orca.Registry.Manifests;

/// <summary>Which of the levels of x86-64 (v1 to v4) the processor runs, by what the kernel says of it.</summary>
/// <remarks>
/// Source: the psABI for x86-64, "Micro-Architecture Levels"; names as in <c>/proc/cpuinfo</c>, where the kernel leaves out what it does not let programs use.
/// The runtime's own IsSupported is no help: a program compiled ahead of time answers for what it was compiled for.
/// </remarks>
internal static class ProcessorLevel
{
    private static readonly string[] s_second = ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"];
    private static readonly string[] s_third = ["abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"];
    private static readonly string[] s_fourth = ["avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"];

    private const int MaxProcessors = 64 << 20;

    private static IReadOnlySet<string>? s_flags;

    /// <summary>True when this machine's processor runs programs of a level.</summary>
    internal static bool Runs(string level) => Runs(level, s_flags ??= ReadFlags());

    /// <summary>True when a processor with these flags runs programs of a level.</summary>
    internal static bool Runs(string level, IReadOnlySet<string> flags) => level switch
    {
        "v1" => true,
        "v2" => flags.IsSupersetOf(s_second),
        "v3" => Runs("v2", flags) && flags.IsSupersetOf(s_third),
        "v4" => Runs("v3", flags) && flags.IsSupersetOf(s_fourth),
        _ => false,
    };

    private static HashSet<string> ReadFlags()
    {
        var lines = HostFileReader.ReadDefault("/proc/cpuinfo", MaxProcessors).Text.Split('\n'); // without /proc there are no flags: the first level runs everywhere
        var line = Array.Find(lines, static line => line.StartsWith("flags", StringComparison.Ordinal));
        return [.. (line ?? string.Empty).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)];
    }
}
