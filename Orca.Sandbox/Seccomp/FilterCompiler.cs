using System.Globalization;
using System.Text;

namespace Orca.Sandbox.Seccomp;

/// <summary>Makes a policy into a program for the kernel. Pure: the same policy, machine and table give the same program.</summary>
/// <remarks>
/// For each ABI the numbers fall into runs with the same answer; a balanced tree of comparisons finds the run, so that no call costs more than a
/// handful of jumps, and the kernel can follow every path that needs no argument. x32 has the numbers of x86-64 with bit 30 set, but for some
/// from 512 on that only it has: one tree serves both.
/// </remarks>
internal sealed class FilterCompiler
{
    private const uint Mark = 0x40000000; // __X32_SYSCALL_BIT
    private const uint X32Only = 512;

    private readonly FilterPolicy _policy;
    private readonly SystemCallTable _table;
    private readonly FilterAssembler _program = new();

    private FilterCompiler(FilterPolicy policy, SystemCallTable table) => (_policy, _table) = (policy, table);

    /// <summary>The program, struct sock_filter each.</summary>
    internal static ulong[] Compile(FilterPolicy policy, Machine machine, SystemCallTable table)
    {
        var compiler = new FilterCompiler(policy, table);
        var other = compiler.Judge(machine.Other);
        var native = compiler.Judge(machine.Native);
        var program = compiler._program;
        var start = program.Equal(machine.Other.AuditArchitecture, other, policy.Foreign);
        program.LoadArchitecture(program.Equal(machine.Native.AuditArchitecture, native, start));
        return program.Program();
    }

    private FilterTarget Judge(MachineAbi abi)
    {
        if (!_policy.Judges(abi.Main))
        {
            return _policy.Foreign;
        }

        var tree = new RunTree(_program, Runs(abi)).Emit();
        if (abi.Marked is not { } marked)
        {
            return _program.LoadNumber(tree);
        }

        return _program.LoadNumber(_policy.Judges(marked) ? _program.Keep(~Mark, tree) : _program.AnySet(Mark, _policy.Foreign, tree));
    }

    private List<Run> Runs(MachineAbi abi)
    {
        var answers = new SortedDictionary<uint, CallAnswer>();
        Collect(abi.Main, answers, 0);
        if (abi.Marked is { } marked)
        {
            Collect(marked, answers, X32Only);
        }

        var unknown = new CallAnswer([], _policy.Unknown);
        List<Run> runs = [new Run(0, unknown)];
        var next = 0u;
        foreach (var (number, answer) in answers)
        {
            if (number > next)
            {
                Append(runs, next, unknown);
            }

            Append(runs, number, answer);
            next = number + 1;
        }

        Append(runs, next, unknown);
        return runs;
    }

    private static void Append(List<Run> runs, uint start, CallAnswer answer)
    {
        if (runs[^1].Start == start)
        {
            runs.RemoveAt(runs.Count - 1);
        }

        if (runs.Count == 0 || runs[^1].Answer.Key != answer.Key)
        {
            runs.Add(new Run(start, answer));
        }
    }

    private void Collect(Abi abi, SortedDictionary<uint, CallAnswer> answers, uint from)
    {
        var rules = new Dictionary<string, List<FilterRule>>(StringComparer.Ordinal);
        foreach (var rule in _policy.Rules)
        {
            if (rule.Abis is null || rule.Abis.Contains(abi))
            {
                foreach (var name in rule.Names)
                {
                    (rules.TryGetValue(name, out var list) ? list : rules[name] = []).Add(rule);
                }
            }
        }

        // Two names of one number (sync_file_range2 of arm) share what either is given; a name that no rule has says nothing.
        foreach (var (name, number) in _table.Of(abi))
        {
            if (number >= from && (rules.TryGetValue(name, out var list) || !answers.ContainsKey(number)))
            {
                answers[number] = Answer(list ?? [], _policy.Asked.Contains(name));
            }
        }
    }

    private CallAnswer Answer(List<FilterRule> rules, bool asks)
    {
        var conditional = rules.TakeWhile(rule => rule.Tests.Count > 0).ToArray();
        var otherwise = conditional.Length < rules.Count ? rules[conditional.Length].Verdict : _policy.Otherwise;
        return asks ? new CallAnswer([.. conditional.Select(rule => rule with { Verdict = Asked(rule.Verdict) })], Asked(otherwise))
            : new CallAnswer(conditional, otherwise);
    }

    private static Verdict Asked(Verdict verdict) => verdict == Verdict.Allow ? Verdict.Ask(verdict) : verdict;
}

/// <summary>Numbers from here to the next run have this answer.</summary>
internal readonly record struct Run(uint Start, CallAnswer Answer);

/// <summary>What is decided for one call.</summary>
internal sealed class CallAnswer(FilterRule[] conditional, Verdict otherwise)
{
    /// <summary>Rules with tests; the first whose tests hold decides.</summary>
    internal ReadOnlySpan<FilterRule> Conditional => conditional;

    /// <summary>When none does.</summary>
    internal Verdict Otherwise => otherwise;

    /// <summary>Equal for answers that are.</summary>
    internal string Key { get; } = KeyOf(conditional, otherwise);

    private static string KeyOf(FilterRule[] rules, Verdict otherwise)
    {
        var key = new StringBuilder();
        foreach (var rule in rules)
        {
            foreach (var test in rule.Tests)
            {
                key.Append(CultureInfo.InvariantCulture, $"{test.Index} {test.Comparison} {test.Value} {test.Mask} {test.Wide},");
            }

            key.Append(CultureInfo.InvariantCulture, $"{rule.Verdict.Value};");
        }

        return key.Append(CultureInfo.InvariantCulture, $"{otherwise.Value}").ToString();
    }
}
