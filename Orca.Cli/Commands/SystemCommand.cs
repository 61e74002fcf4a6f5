using System.Text;
using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary><c>orca system COMMAND</c>: what concerns the store as a whole.</summary>
internal sealed class SystemCommand : Command
{
    /// <summary>The names, in the order help lists them.</summary>
    public static readonly string[] Names = ["df", "check", "prune", "share"];

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca system",
        Usage = ["COMMAND [OPTIONS]"],
        Summary = "Measure the store, check it, free space in it, and share it.",
        Argument = "COMMAND",
        AtLeast = 1,
        Remarks = List(),
        Examples = [("orca system df", "what takes how much space"), ("orca system prune", "free what nothing refers to"), ("orca system check", "is all of it still whole?")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <summary>The command of this name.</summary>
    /// <exception cref="Core.Errors.ReferenceException">There is none.</exception>
    public static Command Find(string name) => name switch
    {
        "df" => new UsageCommand(),
        "check" => new CheckCommand(),
        "prune" => new PruneCommand("orca system prune"),
        "share" => new ShareCommand(),
        _ => throw UsageError.UnknownCommand(name, s_syntax, Names),
    };

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) =>
        CommandLine.Execute(Find(arguments.Positionals[0]), [.. arguments.Positionals.Skip(1)], context);

    private static string List()
    {
        var text = new StringBuilder("Commands:\n");
        HelpText.AppendColumns(text, [.. Names.Select(static name => (name, Find(name).Syntax.Summary))]);
        return text.Append("\nRun 'orca system COMMAND --help' for details.").ToString();
    }
}
