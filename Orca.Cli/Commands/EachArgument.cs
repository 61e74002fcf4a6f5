using Orca.Cli.Output;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>Does something for every argument, whatever happens to the others.</summary>
internal static class EachArgument
{
    /// <summary>Does it with the exit statuses of commands on containers, which are docker's.</summary>
    /// <param name="names">What it is done for.</param>
    /// <param name="context">Takes the messages.</param>
    /// <param name="action">Returns 0, or the exit status of a failure that it has printed.</param>
    /// <returns>0 when all went well, else 1.</returns>
    public static int DoAll(IEnumerable<string> names, CommandContext context, Func<string, int> action) =>
        Run(names, context, action, static _ => ContainerFailure.Status);

    /// <returns>0 when all went well, else the exit status of orca's failures.</returns>
    public static int Do(IEnumerable<string> names, CommandContext context, Action<string> action) => Run(
        names,
        context,
        name =>
        {
            action(name);
            return 0;
        },
        static status => status);

    private static int Run(IEnumerable<string> names, CommandContext context, Func<string, int> action, Func<int, int> statusOf)
    {
        var status = 0;
        foreach (var name in names)
        {
            try
            {
                status = action(name) is not 0 and var failed ? failed : status;
            }
            catch (OrcaException failure) when (failure is not OutputException)
            {
                status = statusOf(ErrorReport.Print(failure, context.Error, context.Global, context.Environment));
            }
        }

        return status;
    }
}
