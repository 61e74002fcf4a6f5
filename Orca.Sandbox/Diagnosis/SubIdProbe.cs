using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;
using Orca.Sandbox.SubIds;

namespace Orca.Sandbox.Diagnosis;

/// <summary>Looks for subordinate ids, and has the maps of a namespace written as <c>--userns=subids</c> does. Orca works without.</summary>
internal static class SubIdProbe
{
    private const string Subject = "sub-ids";
    private const string Goes = "containers run under one id, which is the default";

    /// <summary>One finding.</summary>
    internal static HostFinding Examine()
    {
        var finding = SubIdReader.OfHost().Find(CurrentUser.Uid, CurrentUser.Gid);
        if (finding.Ids is null)
        {
            return new HostFinding(Subject, HostVerdict.Fallback, $"{finding.Problem}; {Goes}") { Cure = $"only for --userns=subids: {finding.Cure}" };
        }

        return Try(finding.Ids) is { } refusal
            ? new HostFinding(Subject, HostVerdict.Fallback, $"{refusal}; {Goes}") { Cure = $"only for --userns=subids: {LaunchFailure.MapHint(refusal)}" }
            : new HostFinding(Subject, HostVerdict.Works, $"'{finding.User}' has {string.Join(", ", finding.Ids.Users)}, for --userns=subids");
    }

    private static string? Try(SubordinateIds ids)
    {
        var map = new MapRanges(CurrentUser.Uid, CurrentUser.Gid, ids);
        var plan = new SandboxPlan(NamespaceKinds.User, [new BlockSignals(), new CloseDescriptors(0), map, new Leave()]);
        using var program = PlanEncoder.Encode(plan);
        using var child = ChildProcess.TryStart(plan, program, out var error);
        if (child is null)
        {
            return $"new user namespace: {error.Describe()}";
        }

        var refusal = IdMapWriter.Write(child.Id, map);
        if (refusal is null)
        {
            child.Handshake.LetGo();
            child.WaitForExit();
        }

        return refusal;
    }
}
