using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca create</c>.</summary>
internal sealed class CreateCommand : Command
{
    private static readonly CommandSyntax s_syntax = RunSyntax.Syntax with
    {
        Name = "orca create",
        Usage = ["[OPTIONS] IMAGE [COMMAND [ARGUMENT...]]"],
        Summary = "Make a container without running it, and print its name; 'orca start' runs it.",
        AtLeast = 1,
        Remarks = "The options are those of 'orca run'; what only a run needs, as -d, has no effect.",
        Examples = [("orca create --name web IMAGE", "and 'orca start web' starts it")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        if (arguments.IsOn(RunSyntax.Remove))
        {
            throw new ReferenceException("cannot use '--rm' with 'orca create': a container that is made first is kept");
        }

        var request = RunCommand.Request(arguments, context);
        return Launcher.Run(
            context,
            request with { OnlyCreate = true, Detached = false, Name = request.Name ?? DetachedStart.NewName() },
            RunCommand.Location(arguments),
            RunReport.None,
            arguments.IsOn(RunSyntax.Quiet) ? "none" : RegistryOptionTable.ReadProgress(arguments));
    }
}
