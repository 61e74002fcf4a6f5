using Orca.Core.Linux;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Diagnosis;

/// <summary>Does a few steps of a plan in new namespaces, in a process that ends at once: the steps of containers, so that what it finds is what they meet.</summary>
internal static class KernelTrial
{
    /// <summary>The namespaces alone.</summary>
    internal static TrialResult Run(NamespaceKinds namespaces) => Run(namespaces, []);

    /// <summary>The namespaces, with the caller as root in them, then the steps.</summary>
    internal static TrialResult Run(NamespaceKinds namespaces, params IReadOnlyList<Step> steps)
    {
        var plan = new SandboxPlan(
            namespaces | NamespaceKinds.User,
            [new BlockSignals(), new MapIds(0, CurrentUser.Uid, 0, CurrentUser.Gid), .. steps, new Leave()]);
        using var program = PlanEncoder.Encode(plan);
        return Run(plan, program);
    }

    private static TrialResult Run(SandboxPlan plan, EncodedProgram program)
    {
        using var child = ChildProcess.TryStart(plan, program, out var error);
        if (child is null)
        {
            return new TrialResult(null, error);
        }

        var message = child.Handshake.Read();
        child.WaitForExit();
        return message.Kind == HandshakeKind.Failed ? new TrialResult(plan.Steps[message.Step], message.Errno) : default;
    }
}

/// <summary>How a trial ended; the default value is success.</summary>
/// <param name="Step">The step that failed; null when it was the making of the namespaces.</param>
/// <param name="Errno">Why.</param>
internal readonly record struct TrialResult(Step? Step, Errno Errno)
{
    /// <summary>All of it worked.</summary>
    internal bool Works => Errno == Errno.None;

    /// <summary>What failed and why.</summary>
    internal string Cause => $"{Step?.ToString() ?? "new namespaces"}: {Errno.Describe()}";

    /// <summary>What helps, from the table of the hints of failed runs.</summary>
    internal string? Cure => Works ? null : Step is null ? HostHints.OfNamespaces(Errno) : LaunchFailure.StepHint(Step, Errno);
}
