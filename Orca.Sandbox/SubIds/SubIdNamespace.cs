using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.SubIds;

/// <summary>A user namespace with the caller's sub-ids, where the caller is root over them, for something that is no container.</summary>
internal static class SubIdNamespace
{
    /// <summary>Does steps in it, to the end of the process that does them.</summary>
    /// <param name="failure">What could not be done, for messages.</param>
    /// <param name="keepsDescriptors">True: what this process has opened without close-on-exec goes with it.</param>
    /// <param name="steps">The last one ends the process, or becomes a program.</param>
    /// <param name="cancellationToken">Asks the process to end.</param>
    /// <returns>The exit status.</returns>
    /// <exception cref="SandboxException">There are no sub-ids, or a step failed.</exception>
    internal static int Do(string failure, bool keepsDescriptors, IReadOnlyList<Step> steps, CancellationToken cancellationToken)
    {
        var finding = SubIdReader.OfHost().Find(CurrentUser.Uid, CurrentUser.Gid);
        if (finding.Ids is null)
        {
            throw new SandboxException($"{failure}: {finding.Problem}", finding.Cure);
        }

        var map = new MapRanges(CurrentUser.Uid, CurrentUser.Gid, finding.Ids);
        var plan = new SandboxPlan(NamespaceKinds.User, [new BlockSignals(), .. keepsDescriptors ? (Step[])[] : [new CloseDescriptors(0)], map, .. steps]);
        using var program = PlanEncoder.Encode(plan);
        using var child = ChildProcess.TryStart(plan, program, out var error)
            ?? throw new SandboxException($"{failure}: new user namespace: {error.Describe()}", Diagnosis.HostHints.OfNamespaces(error));
        if (IdMapWriter.Write(child.Id, map) is { } refusal)
        {
            throw new SandboxException($"{failure}: {refusal}", LaunchFailure.MapHint(refusal));
        }

        child.Handshake.LetGo();
        var message = child.Handshake.Read();
        using var cancellation = cancellationToken.Register(static process => Kernel.TrySignal((Fd)process!, Core.Sandbox.Signal.Term.Number), child.Process);
        var status = child.WaitForExit();
        return message.Kind != HandshakeKind.Failed ? status : throw new SandboxException($"{failure}: {plan.Steps[message.Step]}: {message.Errno.Describe()}");
    }
}
