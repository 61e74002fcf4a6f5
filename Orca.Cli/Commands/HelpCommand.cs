using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary><c>orca help [COMMAND]</c>.</summary>
internal sealed class HelpCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca help",
        Usage = ["[COMMAND]"],
        Summary = "Show help on a command, or on all.",
        Argument = "COMMAND",
        AtMost = 1,
        Interspersed = true,
        Examples = [("orca help run", "the same as 'orca run --help'")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        context.Out.Write(arguments.Positionals.Count == 0 ? RootSyntax.Help() : HelpText.Of(CommandTable.Find(arguments.Positionals[0]).Syntax));
        return 0;
    }
}
