using System.Globalization;
using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary><c>orca wait</c>.</summary>
internal sealed class WaitCommand : Command
{
    private static readonly Option s_ignore = new('i', "ignore", null, "A missing container is no error: its status is -1");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca wait",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Wait until containers have ended, and print their exit status.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_ignore],
        Remarks = "255 stands for a run whose end nobody was left to see, as after a power loss.",
        Examples = [("orca wait job", "prints 0 when all went well")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => EachArgument.DoAll(arguments.Positionals, context, name =>
    {
        var status = arguments.IsOn(s_ignore) && context.Get<IContainerStore>().Look(name) is null ? -1 : StopCommand.Control(context).Wait(name, CancellationToken.None);
        context.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{status}\n"));
        return 0;
    });
}
