namespace Orca.Sandbox.Seccomp;

/// <summary>A condition on one argument of a call.</summary>
/// <param name="Index">Which argument, from 0 to 5.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Value">With what.</param>
internal readonly record struct ArgumentTest(int Index, Comparison Comparison, ulong Value)
{
    /// <summary>For <see cref="Comparison.MaskedEqual"/>: the bits that count.</summary>
    public ulong Mask { get; init; } = ulong.MaxValue;

    /// <summary>True: all 64 bits count. False, and the rule for a policy of orca's own: the low 32, which is what the kernel looks at.</summary>
    /// <remarks>A program can set the high half of a register as it likes; comparing it lets TIOCSTI through (CVE-2019-10063).</remarks>
    public bool Wide { get; init; }
}

/// <summary>The comparisons of Docker's policies (SCMP_CMP_...); all are of unsigned numbers.</summary>
internal enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    MaskedEqual,
}
