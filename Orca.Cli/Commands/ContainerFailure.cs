using Orca.Cli.Output;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>What goes wrong with containers that were named, as docker's exit status says it.</summary>
internal static class ContainerFailure
{
    /// <summary>The exit status of commands on containers that are there already, as docker's: 1. It is 125 where a container was to be run.</summary>
    public const int Status = 1;

    /// <summary>Runs an action on one container. A failure of the store is printed.</summary>
    /// <returns>The exit status of the action, or of the failure.</returns>
    public static int Catch(CommandContext context, Func<int> action)
    {
        try
        {
            return action();
        }
        catch (StoreException failure)
        {
            ErrorReport.Print(failure, context.Error, context.Global, context.Environment);
            return Status;
        }
    }

    /// <summary>The error for a name without a container.</summary>
    public static StoreException Missing(string verb, string name) =>
        new($"cannot {verb} container '{Quoted.Text(name)}': no such container", "'orca ps -a' lists what is there");
}
