using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary><c>orca history</c>: how an image was made, or the snapshots of a container.</summary>
internal sealed class HistoryCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca history",
        Usage = ["[OPTIONS] IMAGE", "[OPTIONS] NAME"],
        Summary = "List the steps in which an image was made, the last one first, or the snapshots of a container.",
        Argument = "IMAGE",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [ResultFormat.Format, ImageHistoryRows.Human, ImageHistoryRows.Quiet, Table.Whole],
        Remarks = """
            SIZE is what the files of the step's layer hold. A template has docker's fields: ID, CreatedAt, CreatedSince, CreatedBy,
            Size, Comment. Of a container's snapshots, ON is the one that each continues; 0 is the image. The last line is now.
            """,
        Examples = [("orca history debian", "a table"), ("orca history --no-trunc --format '{{.CreatedBy}}' debian", "the commands alone"), ("orca history work", "the snapshots of a container")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) =>
        context.Get<IContainerStore>().Find(arguments.Positionals[0]) is null ? ImageHistoryRows.Print(arguments, context)
            : ContainerFailure.Catch(context, () => SnapshotRows.Print(arguments, context));
}
