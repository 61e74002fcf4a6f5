using System.Runtime.InteropServices;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Seccomp;

/// <summary>The filter of one container: a program for this machine, and words for it.</summary>
internal sealed class SeccompFilter
{
    private readonly Func<ReadOnlySpan<ulong>> _program;

    private SeccompFilter(string description, bool asks, Func<ReadOnlySpan<ulong>> program) => (Description, Asks, _program) = (description, asks, program);

    /// <summary>What it enforces, in words.</summary>
    internal string Description { get; }

    /// <summary>True: about some calls the init is asked (seccomp_unotify(2)).</summary>
    internal bool Asks { get; }

    /// <summary>struct sock_filter each.</summary>
    internal ReadOnlySpan<ulong> Program => _program();

    /// <summary>The program for when nobody can be asked: it answers by itself, as well as it can.</summary>
    internal ulong[] ProgramWithoutQuestions() => Without(static verdict => verdict.IsQuestion);

    private ulong[] Without(Func<Verdict, bool> question)
    {
        var program = _program().ToArray();
        foreach (ref var instruction in program.AsSpan())
        {
            if ((ushort)instruction == FilterAssembler.Return && question(new Verdict((uint)(instruction >> 32))))
            {
                instruction = FilterAssembler.Return | ((ulong)new Verdict((uint)(instruction >> 32)).Unasked.Value << 32);
            }
        }

        return program;
    }

    /// <summary>The filter for a container.</summary>
    /// <param name="choice">Which policy.</param>
    /// <param name="bounding">What the container may do at most; Docker's default policy depends on it.</param>
    /// <param name="answers">What root is answered as done.</param>
    /// <param name="hasInit">True: there is an init that can be asked.</param>
    /// <param name="remembers">True: the init notes the owners that it answers as set.</param>
    /// <returns>Null when there is nothing to filter.</returns>
    /// <exception cref="Core.Errors.SandboxException">The policy's file cannot be understood.</exception>
    internal static SeccompFilter? For(SeccompChoice choice, CapabilitySet bounding, RootAnswers answers, bool hasInit, bool remembers)
    {
        if (choice == SeccompChoice.Unconfined && answers is RootAnswers.None or RootAnswers.Terminals)
        {
            return null;
        }

        var description = (choice.Profile is not null ? $"the policy of {choice.Name}" : choice == SeccompChoice.Unconfined ? "no policy" : "the default policy")
            + answers switch
            {
                RootAnswers.OneId => ", what one id cannot do is answered as done",
                RootAnswers.Devices => ", making devices is answered as done",
                RootAnswers.Terminals when hasInit => ", about the group of a terminal the init is asked",
                _ => string.Empty,
            };
        var filter = new SeccompFilter(description, false, ProgramOf(choice, bounding, answers));
        return answers == RootAnswers.None ? new SeccompFilter(description, false, () => filter.ProgramWithoutQuestions())
            : hasInit && answers == RootAnswers.Terminals ? new SeccompFilter(description, true, filter._program)
            : hasInit ? new SeccompFilter($"{description}, about devices {(answers == RootAnswers.OneId ? remembers ? "and attributes and owners " : "and attributes " : string.Empty)}the init is asked", true, remembers ? filter._program : () => filter.Without(static verdict => verdict == Verdict.Remember))
            : new SeccompFilter(description, false, () => filter.ProgramWithoutQuestions());
    }

    private static Func<ReadOnlySpan<ulong>> ProgramOf(SeccompChoice choice, CapabilitySet bounding, RootAnswers answers)
    {
        if (choice == SeccompChoice.Default && bounding == CapabilitySet.Default && answers != RootAnswers.Devices)
        {
            return (RuntimeInformation.ProcessArchitecture, answers == RootAnswers.OneId) switch
            {
                (Architecture.X64, true) => static () => PrebuiltFilters.X64Root,
                (Architecture.X64, false) => static () => PrebuiltFilters.X64, // asks about terminals; where nobody is asked, the questions go
                (Architecture.Arm64, true) => static () => PrebuiltFilters.Arm64Root,
                (Architecture.Arm64, false) => static () => PrebuiltFilters.Arm64,
                var (other, _) => throw new PlatformNotSupportedException($"orca has no system call table for {other}"),
            };
        }

        var table = SystemCallTable.Read();
        var policy = choice.Profile is { } profile ? ProfileReader.Read(profile.Span, choice.Name, bounding, Machine.Current, table)
            : choice == SeccompChoice.Unconfined ? FilterPolicy.Unconfined : DefaultPolicy.For(bounding);
        if (!policy.Allows("execve"))
        {
            throw new Core.Errors.SandboxException($"cannot use the seccomp policy {choice.Name}: it refuses execve, so it lets no command start", "allow what the command needs; Docker's default policy is a good beginning");
        }

        var program = FilterCompiler.Compile(Before(policy, answers), Machine.Current, table);
        return program.Length <= MaxLength
            ? () => program
            : throw new Core.Errors.SandboxException($"cannot use the policy of {choice.Name}: it makes {program.Length} instructions, the kernel takes {MaxLength}");
    }

    private static FilterPolicy Before(FilterPolicy policy, RootAnswers answers) => answers switch
    {
        RootAnswers.OneId => OneIdAnswers.Over(policy),
        RootAnswers.Devices => policy.After(OneIdAnswers.Devices),
        RootAnswers.Terminals => policy.After(OneIdAnswers.Terminals),
        _ => policy,
    };

    private const int MaxLength = 4096; // BPF_MAXINSNS
}
