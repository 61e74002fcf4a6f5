using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca rm</c>.</summary>
internal sealed class RemoveCommand : Command
{
    private static readonly Option s_force = new('f', "force", null, "Also when it runs (the run is killed); a missing container is no error");

    private static readonly Option s_all = new('a', "all", null, "All containers");
    private static readonly Option s_ignore = new('i', "ignore", null, "A missing container is no error");
    private static readonly Option s_time = new('t', "time", "SECONDS", "With -f: ask it to end, and kill it after this time");
    private static readonly Option s_timeout = new(null, "timeout", "SECONDS", string.Empty) { Means = s_time };

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca rm",
        Usage = ["[OPTIONS] NAME...", "-a [OPTIONS]"],
        Summary = "Remove kept containers and their changes.",
        Argument = "NAME",
        Interspersed = true,
        Options = [s_all, s_force, s_ignore, s_time, s_timeout, AcceptedSyntax.Take('v', "volumes", null, string.Empty)],
        Examples = [("orca rm work", "the container that 'orca run --name work' made")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IContainerStore>();
        var force = arguments.IsOn(s_force);
        var patience = StopCommand.Patience(arguments, s_time, s_syntax);
        return EachArgument.DoAll(ContainerNamesOf.Kept(arguments, s_all, store, s_syntax), context, name =>
        {
            if ((force || arguments.IsOn(s_ignore)) && store.Look(name) is null && !context.Get<IStoreMeter>().FindDamage(containersOnly: true).Any(finding => finding.Container == name))
            {
                return 0;
            }

            if (force && patience is not null && store.Look(name) is { IsHeld: true })
            {
                StopCommand.Control(context).Stop(name, patience, null, CancellationToken.None);
            }

            try
            {
                store.Remove(name, force);
            }
            catch (StoreException) when (force && store.Look(name) is null)
            {
                return 0; // it went meanwhile, with its run
            }

            context.Out.Write(name + "\n");
            return 0;
        });
    }
}
