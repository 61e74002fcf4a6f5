using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>What goes wrong with containers that were named, as docker's exit status says it.</summary>
internal static class ContainerFailure
{
    /// <summary>The exit status of commands on containers that are there already, as docker's: 1. It is 125 where a container was to be run.</summary>
    public const int Status = 1;

    /// <summary>The error for a name without a container.</summary>
    public static StoreException Missing(string verb, string name) =>
        new($"cannot {verb} container '{Quoted.Text(name)}': no such container", "'orca ps -a' lists what is there");
}
