namespace Orca.Sandbox.Seccomp;

/// <summary>What is to become of each call, said by name; <see cref="FilterCompiler"/> makes a program of it.</summary>
internal sealed record FilterPolicy
{
    /// <summary>The first rule that names a call, is for its ABI, and whose tests hold, decides.</summary>
    public required IReadOnlyList<FilterRule> Rules { get; init; }

    /// <summary>For a call of the table that no rule decides.</summary>
    public required Verdict Otherwise { get; init; }

    /// <summary>For a number that is not in the table.</summary>
    public required Verdict Unknown { get; init; }

    /// <summary>For a call through an ABI that the machine has and <see cref="Abis"/> does not, or that orca does not know.</summary>
    public Verdict Foreign { get; init; } = Verdict.KillProcess;

    /// <summary>The ABIs that may be used; null means all that orca knows.</summary>
    public IReadOnlyList<Abi>? Abis { get; init; }

    /// <summary>Calls about which another process is asked before they are made; only those are that the rules allow.</summary>
    public IReadOnlySet<string> Asked { get; init; } = new HashSet<string>();

    /// <summary>Allows everything, in every way.</summary>
    internal static readonly FilterPolicy Unconfined = new()
    {
        Rules = [],
        Otherwise = Verdict.Allow,
        Unknown = Verdict.Allow,
        Foreign = Verdict.Allow,
    };

    /// <summary>The same, after these rules.</summary>
    internal FilterPolicy After(IReadOnlyList<FilterRule> rules) => this with { Rules = [.. rules, .. Rules] };

    /// <summary>True when a call of this name may be made, be it only with some arguments.</summary>
    internal bool Allows(string call)
    {
        var rules = Rules.Where(rule => rule.Names.Contains(call)).ToList();
        return rules.Exists(static rule => rule.Verdict.IsMade) || (Otherwise.IsMade && !rules.Exists(static rule => rule.Tests.Count == 0));
    }

    /// <summary>True when a call of this name is made whatever its arguments.</summary>
    internal bool AlwaysAllows(string call) => (Rules.FirstOrDefault(rule => rule.Names.Contains(call)) ?? new FilterRule([], Otherwise)) is { Tests.Count: 0, Verdict: var verdict } && verdict == Verdict.Allow;

    /// <summary>True when calls through this ABI are judged by the rules.</summary>
    internal bool Judges(Abi abi) => Abis is null || Abis.Contains(abi);
}

/// <summary>One rule.</summary>
/// <param name="Names">The calls it is for; a name that an ABI does not have is passed over.</param>
/// <param name="Verdict">What becomes of them.</param>
internal sealed record FilterRule(IReadOnlyList<string> Names, Verdict Verdict)
{
    /// <summary>All must hold.</summary>
    public IReadOnlyList<ArgumentTest> Tests { get; init; } = [];

    /// <summary>The ABIs it is for; null means all.</summary>
    public IReadOnlyList<Abi>? Abis { get; init; }
}
