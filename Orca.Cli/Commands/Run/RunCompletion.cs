using Orca.Cli.Process;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands.Run;

/// <summary>The end of a run that was left to the keeper, which has started this program anew with the same arguments.</summary>
internal static class RunCompletion
{
    /// <summary>Cleans up, and tells how the container ended. Returns its exit status; null when this is no such start.</summary>
    public static int? Finish(CommandContext context, RunReport? report = null)
    {
        if (Handoff.Completion(context.Environment) is not var (status, token))
        {
            return null;
        }

        try
        {
            context.Get<IContainerRunner>().Finish(token, new ExitStatus(status), context.Note);
        }
        catch (OrcaException failure)
        {
            context.Note($"cannot clean up after the container: {failure.Message}"); // beside the container's status, never instead of it
        }

        report?.Ended(status);
        return status;
    }
}
