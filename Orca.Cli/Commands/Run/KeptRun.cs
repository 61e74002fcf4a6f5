using System.Globalization;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands.Run;

/// <summary>The end of a run that was left to the keeper, which has started this program anew with the same arguments.</summary>
internal static class KeptRun
{
    /// <summary>Says how the container has ended, in three digits, whose run it was, by the process id, which stays, and what is to be cleaned up.</summary>
    /// <remarks>A value that somebody has exported is another process's, and means nothing here.</remarks>
    private const string Variable = "ORCA_KEPT";

    /// <summary>Cleans up and tells how it ended; the exit status. Null when this is no such start.</summary>
    public static int? Finish(CommandContext context, RunReport? report = null)
    {
        // Asked for by its managed name first: reading all variables as bytes costs a file's opening at every start.
        if (Environment.GetEnvironmentVariable(Variable) is null || context.Environment.FindRaw(Variable) is not { Length: >= 4 } text
            || text.Split(' ', 3) is not [{ Length: 3 } digits, var process, var token]
            || process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
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
