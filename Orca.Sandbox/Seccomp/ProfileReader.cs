using System.Globalization;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Seccomp;

/// <summary>Reads a policy in Docker's JSON format (docs.docker.com, "Seccomp security profiles").</summary>
/// <remarks>
/// As Docker, runc and libseccomp read it: a rule without arguments wins over those with arguments for the same call; two conditions on one argument
/// are two rules; a rule that does what is done by default anyway is none; names of other machines' calls are passed over. As runc does, a number
/// that nobody knows is answered with ENOSYS where the default is an errno. What cannot be done as said is refused, never left out.
/// </remarks>
internal static class ProfileReader
{
    /// <summary>Reads it.</summary>
    /// <param name="json">The file.</param>
    /// <param name="name">Its quoted name, for messages.</param>
    /// <param name="bounding">The container's bounding set.</param>
    /// <param name="machine">Where it will run.</param>
    /// <param name="table">Names and numbers.</param>
    /// <exception cref="SandboxException">It is no such policy, or asks for what orca cannot do.</exception>
    internal static FilterPolicy Read(ReadOnlySpan<byte> json, string name, CapabilitySet bounding, Machine machine, SystemCallTable table)
    {
        try
        {
            var file = ProfileSyntax.Read(json);
            var byDefault = VerdictOf(file.DefaultAction ?? throw new FormatException("'defaultAction' is missing"), file.DefaultErrno);
            return new FilterPolicy
            {
                Rules = Rules(file, byDefault, bounding, machine, table),
                Otherwise = byDefault,
                Unknown = byDefault.IsFailure ? Verdict.Absent : byDefault,
                Abis = Abis(file, machine),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new SandboxException($"cannot use the seccomp policy {name}: {Reason(e)}", "Docker's documentation on seccomp profiles describes the format");
        }
    }

    /// <summary>The reader's own words speak of its insides.</summary>
    private static string Reason(Exception error) => error switch
    {
        JsonException json => string.Create(CultureInfo.InvariantCulture, $"it is not JSON at line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}"),
        FormatException => Quoted.Text(error.Message),
        _ => "a field has a value of the wrong kind",
    };

    private static List<FilterRule> Rules(ProfileFile file, Verdict byDefault, CapabilitySet bounding, Machine machine, SystemCallTable table)
    {
        var always = new Dictionary<string, FilterRule>(StringComparer.Ordinal);
        var conditional = new List<FilterRule>();
        foreach (var entry in file.Calls)
        {
            var verdict = VerdictOf(entry.Action ?? throw new FormatException("a rule has no 'action'"), entry.Errno);
            string[] names = [.. entry.Names.Where(table.Knows)];
            if (!Applies(entry, bounding, machine) || verdict == byDefault || names.Length == 0)
            {
                continue;
            }

            if (entry.Tests.Count == 0)
            {
                Array.ForEach(names, call => always.TryAdd(call, new FilterRule([call], verdict)));
            }
            else if (entry.Tests.Select(test => test.Index).Distinct().Count() == entry.Tests.Count)
            {
                conditional.Add(new FilterRule(names, verdict) { Tests = entry.Tests });
            }
            else
            {
                conditional.AddRange(entry.Tests.Select(test => new FilterRule(names, verdict) { Tests = [test] }));
            }
        }

        return [.. always.Values, .. conditional]; // the first that holds decides
    }

    private static bool Applies(ProfileCall entry, CapabilitySet bounding, Machine machine)
    {
        var here = machine == Machine.X64 ? "amd64" : "arm64";
        var include = entry.Includes;
        var exclude = entry.Excludes;
        return (include.Arches.Count == 0 || include.Arches.Contains(here)) && include.Capabilities.All(Has)
            && (include.MinKernel is null || KernelIsAtLeast(include.MinKernel))
            && !exclude.Arches.Contains(here) && !exclude.Capabilities.Any(Has)
            && (exclude.MinKernel is null || !KernelIsAtLeast(exclude.MinKernel));

        bool Has(string capability) => bounding.Contains(CapabilityName.Parse(capability));
    }

    private static bool KernelIsAtLeast(string version) =>
        Version.TryParse(version, out var least) ? Environment.OSVersion.Version >= least : throw new FormatException($"'minKernel' is no version: '{version}'");

    private static List<Abi> Abis(ProfileFile file, Machine machine)
    {
        var native = NameOf(machine.Native.Main);
        var names = file.Architectures.Count > 0 ? file.Architectures
            : file.SubArchitectures.TryGetValue(native, out var others) ? [native, .. others] : [native];
        return [.. Enum.GetValues<Abi>().Where(abi => names.Contains(NameOf(abi)))];
    }

    private static string NameOf(Abi abi) => "SCMP_ARCH_" + abi switch
    {
        Abi.X64 => "X86_64",
        Abi.X32 => "X32",
        Abi.I386 => "X86",
        Abi.Arm64 => "AARCH64",
        _ => "ARM",
    };

    private static Verdict VerdictOf(string action, uint? errno) => action switch
    {
        "SCMP_ACT_ALLOW" => Verdict.Allow,
        "SCMP_ACT_LOG" => Verdict.Log,
        "SCMP_ACT_ERRNO" => Verdict.Fail(Small(errno ?? 1)),
        "SCMP_ACT_TRACE" => Verdict.Trace(Small(errno ?? 1)),
        "SCMP_ACT_TRAP" => Verdict.Trap,
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => Verdict.KillThread,
        "SCMP_ACT_KILL_PROCESS" => Verdict.KillProcess,
        "SCMP_ACT_NOTIFY" => throw new FormatException("SCMP_ACT_NOTIFY needs a supervisor, and orca has none"),
        _ => throw new FormatException($"unknown action '{action}'"),
    };

    private static ushort Small(uint number) => number <= 4095 ? (ushort)number : throw new FormatException($"'errnoRet' {number} is no errno");
}
