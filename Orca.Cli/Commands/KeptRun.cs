using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>The end of a run that was left to the keeper, which has started this program anew with the same arguments.</summary>
internal static class KeptRun
{
    /// <summary>Says how the container has ended, in three digits, and what is to be cleaned up.</summary>
    private const string Variable = "ORCA_KEPT";

    /// <summary>Cleans up; the exit status. Null when this is no such start.</summary>
    public static int? Finish(CommandContext context)
    {
        // Asked for by its managed name first: reading all variables as bytes costs a file's opening at every start.
        if (Environment.GetEnvironmentVariable(Variable) is null || context.Environment.FindRaw(Variable) is not { Length: >= 4 } text
            || !int.TryParse(text.AsSpan(0, 3), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var status))
        {
            return null;
        }

        try
        {
            context.Get<IContainerRunner>().Finish(text[4..]);
        }
        catch (OrcaException failure)
        {
            context.Note($"cannot clean up after the container: {failure.Message}"); // beside the container's status, never instead of it
        }

        return status;
    }
}
