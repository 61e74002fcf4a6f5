using System.Globalization;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands.Run;

/// <summary>The options of <c>orca run</c> about limits.</summary>
internal static class LimitSyntax
{
    public static readonly Option Cpus = new(null, "cpus", "NUMBER", "Processors that may be used, such as 1.5; needs a delegated control group");
    public static readonly Option CpuPeriod = new(null, "cpu-period", "MICROSECONDS", "What --cpu-quota is a part of (default: 100000)");
    public static readonly Option CpuQuota = new(null, "cpu-quota", "MICROSECONDS", "Processor time in each --cpu-period, as '--cpus' in other words");
    public static readonly Option Cpuset = new(null, "cpuset-cpus", "LIST", "Start on these processors, such as 0-3,5; the command may choose others");
    public static readonly Option Memory = new('m', "memory", "SIZE", "The most memory; needs a delegated control group");
    public static readonly Option MemorySwap = new(null, "memory-swap", "SIZE", "Memory and swap together (-1: no limit; default: twice --memory)");
    public static readonly Option OomScore = new(null, "oom-score-adj", "NUMBER", "Be killed earlier (to 1000) or later (to -1000) when memory is short");
    public static readonly Option Processes = new(null, "pids-limit", "NUMBER", "The most processes and threads; needs a delegated control group");
    public static readonly Option SharedMemory = new(null, "shm-size", "SIZE", "The most that /dev/shm may hold (default: 64m)");
    public static readonly Option Sysctl = new(null, "sysctl", "NAME=VALUE", "Set a kernel parameter of the container's own network or IPC");
    public static readonly Option Ulimit = new(null, "ulimit", "NAME=SOFT[:HARD]", "Limit a resource of the command, such as 'nofile=1024:4096'");

    public static readonly Option[] Options = [CpuPeriod, CpuQuota, Cpus, Cpuset, Memory, MemorySwap, OomScore, Processes, SharedMemory, Sysctl, Ulimit];

    /// <summary>Returns what the command line says.</summary>
    /// <exception cref="ReferenceException">One cannot be understood.</exception>
    public static LimitOptions Read(ParsedArguments arguments) => !arguments.Any(Options) ? new LimitOptions() : new LimitOptions
    {
        SharedMemory = arguments.Last(SharedMemory) is { } size ? Size("--shm-size", size) : null,
        Resources = Limits(arguments.All(Ulimit)),
        OomScore = arguments.Last(OomScore) is { } score ? ReadScore(score) : null,
        Processors = arguments.Last(Cpuset) is { Length: > 0 } list ? ProcessorList.Check(list) : null,
        KernelParameters = arguments.All(Sysctl).ConvertAll(KernelParameter.Check),
        Group = ReadGroup(arguments),
    };

    /// <summary>Says that the kernel does not take a score below the caller's own, which needs CAP_SYS_RESOURCE outside of every container (proc(5)).</summary>
    /// <exception cref="ReferenceException">The score is not a number.</exception>
    public static void Note(ParsedArguments arguments, CommandContext context)
    {
        if (arguments.Last(OomScore) is { } text && ReadScore(text) is < 0 and var score
            && HostFileReader.ReadDefault("/proc/self/oom_score_adj", limit: 64).Content is var content
            && long.TryParse(NativeText.Decode(content).TrimEnd(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var own) && score < own)
        {
            context.Note($"--oom-score-adj {score} has no effect: without root a score cannot be lower than the caller's, which is {own}");
        }
    }

    private static GroupLimits ReadGroup(ParsedArguments arguments)
    {
        var memory = arguments.Last(Memory) is { } text ? GroupLimits.ParseMemory(text) : null;
        var both = arguments.Last(MemorySwap) switch
        {
            null or "0" => null,
            "-1" => -1L,
            { } size => (long?)Size("--memory-swap", size),
        };
        if (both is { } total && (memory is null || (total >= 0 && total < memory)))
        {
            throw new ReferenceException("cannot use option '--memory-swap': it counts memory and swap together, so it needs '--memory' and at least as much");
        }

        return new GroupLimits
        {
            Memory = memory,
            MemoryAndSwap = both,
            NanoCpus = arguments.Last(Cpus) is { } cpus ? GroupLimits.ParseCpus(cpus) : ReadQuota(arguments),
            Processes = arguments.Last(Processes) is { } count ? GroupLimits.ParseProcesses(count) : null,
        };
    }

    private static long ReadScore(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) && score is >= -1000 and <= 1000
        ? score : throw new ReferenceException($"cannot use option '--oom-score-adj': '{Quoted.Text(text)}' is not a number from -1000 to 1000");

    /// <summary>A quota of 0 or -1 is none, as in Docker.</summary>
    private static long? ReadQuota(ParsedArguments arguments)
    {
        var period = arguments.Last(CpuPeriod) is { } given ? Microseconds("--cpu-period", given) : 0;
        var quota = arguments.Last(CpuQuota) is { } text && text != "-1" ? Microseconds("--cpu-quota", text) : 0;
        return quota == 0 ? null : quota * 1_000_000_000 / (period == 0 ? 100_000 : period);
    }

    private static long Microseconds(string option, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is 0 or (>= 1000 and <= 1_000_000_000)
            ? number : throw new ReferenceException($"cannot use option '{option}': '{Quoted.Text(text)}' is not a number of microseconds, at least 1000");

    private static long Size(string option, string text) => ByteSize.TryParse(text, out var bytes)
        ? bytes
        : throw new ReferenceException($"cannot use option '{option}': '{Quoted.Text(text)}' is no size such as 64m");

    /// <summary>Of a resource that is named twice the last limit counts.</summary>
    private static List<ResourceLimit> Limits(List<string> texts)
    {
        var limits = new List<ResourceLimit>(texts.Count);
        foreach (var text in texts)
        {
            var limit = ResourceLimit.Parse(text);
            limits.RemoveAll(other => other.Resource == limit.Resource);
            limits.Add(limit);
        }

        return limits;
    }
}
