using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.SubIds;

/// <summary>Deletes from inside a user namespace with the caller's sub-ids, where the caller is root over them.</summary>
internal sealed class SubIdTreeRemover : ISubIdTreeRemover
{
    /// <inheritdoc/>
    public unsafe long Remove(string store, string path)
    {
        var finding = SubIdReader.OfHost().Find(CurrentUser.Uid, CurrentUser.Gid);
        if (finding.Ids is null)
        {
            throw Failure(path, finding.Problem!, finding.Cure);
        }

        ulong freed = 0; // written by the child, which shares this memory
        var map = new MapRanges(CurrentUser.Uid, CurrentUser.Gid, finding.Ids);
        var plan = new SandboxPlan(NamespaceKinds.User, [new BlockSignals(), new CloseDescriptors(), map, new EnterStore(store), new DeleteTree(path, (nint)(&freed)), new Leave()]);
        using var program = PlanEncoder.Encode(plan);
        using var child = ChildProcess.TryStart(plan, program, out var error)
            ?? throw Failure(path, $"new user namespace: {error.Describe()}", Diagnosis.HostCure.OfNamespaces(error));
        if (IdMapWriter.Write(child.Id, map) is { } refusal)
        {
            throw Failure(path, refusal, LaunchFailure.MapHint(refusal));
        }

        child.Handshake.LetGo();
        var message = child.Handshake.Read();
        child.WaitForExit();
        return message.Kind != HandshakeKind.Failed
            ? (long)freed
            : throw Failure(path, $"{plan.Steps[message.Step]}: {message.Errno.Describe()}", null);
    }

    private static SandboxException Failure(string path, string cause, string? hint) => new($"cannot delete files of sub-ids in '{path}': {cause}", hint);
}
