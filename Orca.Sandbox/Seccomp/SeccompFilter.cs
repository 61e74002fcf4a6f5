using System.Runtime.InteropServices;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Seccomp;

/// <summary>The filter of one container: a program for this machine, and words for it.</summary>
internal sealed class SeccompFilter
{
    private readonly Func<ReadOnlySpan<ulong>> _program;

    private SeccompFilter(string description, Func<ReadOnlySpan<ulong>> program) => (Description, _program) = (description, program);

    /// <summary>What it enforces, in words.</summary>
    internal string Description { get; }

    /// <summary>struct sock_filter each.</summary>
    internal ReadOnlySpan<ulong> Program => _program();

    /// <summary>The filter for a container.</summary>
    /// <param name="choice">Which policy.</param>
    /// <param name="bounding">What the container may do at most; Docker's default policy depends on it.</param>
    /// <param name="answers">What root is answered as done.</param>
    /// <returns>Null when there is nothing to filter.</returns>
    /// <exception cref="Core.Errors.SandboxException">The policy's file cannot be understood.</exception>
    internal static SeccompFilter? For(SeccompChoice choice, CapabilitySet bounding, RootAnswers answers)
    {
        if (choice == SeccompChoice.Unconfined && answers == RootAnswers.None)
        {
            return null;
        }

        var description = (choice.Profile is not null ? $"the policy of {choice.Name}" : choice == SeccompChoice.Unconfined ? "no policy" : "the default policy")
            + answers switch
            {
                RootAnswers.OneId => ", what one id cannot do is answered as done",
                RootAnswers.Devices => ", making devices is answered as done",
                _ => string.Empty,
            };
        if (choice == SeccompChoice.Default && bounding == CapabilitySet.Default && answers != RootAnswers.Devices)
        {
            return new SeccompFilter(description, (RuntimeInformation.ProcessArchitecture, answers == RootAnswers.OneId) switch
            {
                (Architecture.X64, true) => static () => PrebuiltFilters.X64Root,
                (Architecture.X64, false) => static () => PrebuiltFilters.X64,
                (Architecture.Arm64, true) => static () => PrebuiltFilters.Arm64Root,
                (Architecture.Arm64, false) => static () => PrebuiltFilters.Arm64,
                var (other, _) => throw new PlatformNotSupportedException($"orca has no system call table for {other}"),
            });
        }

        var table = SystemCallTable.Read();
        var policy = choice.Profile is { } profile ? ProfileReader.Read(profile.Span, choice.Name, bounding, Machine.Current, table)
            : choice == SeccompChoice.Unconfined ? FilterPolicy.Unconfined : DefaultPolicy.For(bounding);
        var program = FilterCompiler.Compile(Before(policy, answers), Machine.Current, table);
        return program.Length <= MaxLength
            ? new SeccompFilter(description, () => program)
            : throw new Core.Errors.SandboxException($"cannot use the policy of {choice.Name}: it makes {program.Length} instructions, the kernel takes {MaxLength}");
    }

    private static FilterPolicy Before(FilterPolicy policy, RootAnswers answers) => answers switch
    {
        RootAnswers.OneId => policy.After(OneIdAnswers.Rules),
        RootAnswers.Devices => policy.After(OneIdAnswers.Devices),
        _ => policy,
    };

    private const int MaxLength = 4096; // BPF_MAXINSNS
}
