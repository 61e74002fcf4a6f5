using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>Does something for every argument, whatever happens to the others.</summary>
internal static class EachArgument
{
    /// <returns>0 when all went well, else the exit status of orca's failures.</returns>
    public static int Do(ParsedArguments arguments, CommandContext context, Action<string> action)
    {
        var status = 0;
        foreach (var argument in arguments.Positionals)
        {
            try
            {
                action(argument);
            }
            catch (OrcaException failure) when (failure is not OutputException)
            {
                status = ErrorReport.Print(failure, context.Error, context.Global);
            }
        }

        return status;
    }
}
