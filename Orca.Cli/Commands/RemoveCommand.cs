using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca rm</c>.</summary>
internal sealed class RemoveCommand : Command
{
    private static readonly Option s_force = new('f', "force", null, "Also when it runs (the run is killed); a missing container is no error");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca rm",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Remove kept containers and their changes.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_force, AcceptedSyntax.Take('v', "volumes", null, string.Empty)],
        Examples = [("orca rm work", "the container that 'orca run --name work' made")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IContainerStore>();
        var force = arguments.IsOn(s_force);
        return EachArgument.Do(arguments, context, name =>
        {
            if (force && store.Find(name) is null && !context.Get<IStoreMeter>().FindDamage(containersOnly: true).Any(finding => finding.Container == name))
            {
                return;
            }

            store.Remove(name, force);
            context.Out.Write(name + "\n");
        });
    }
}
