using Orca.Cli.Output;
using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary><c>orca history</c>: how an image was made.</summary>
internal sealed class HistoryCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca history",
        Usage = ["[OPTIONS] IMAGE"],
        Summary = "List the steps in which an image was made, the last one first.",
        Argument = "IMAGE",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [ResultFormat.Format, ImageHistoryRows.Human, ImageHistoryRows.Quiet, Table.Whole],
        Remarks = """
            SIZE is what the files of the step's layer hold. A template has docker's fields: ID, CreatedAt, CreatedSince, CreatedBy,
            Size, Comment.
            """,
        Examples = [("orca history debian", "a table"), ("orca history --no-trunc --format '{{.CreatedBy}}' debian", "the commands alone")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ImageHistoryRows.Print(arguments, context);
}
