using System.Globalization;
using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary><c>orca undo</c>.</summary>
internal sealed class UndoCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca undo",
        Usage = ["NAME"],
        Summary = "Take back what a container that does not run has changed since its last snapshot.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Remarks = """
            Without a snapshot the container is as it was made. What is taken back is kept as a snapshot, so a second undo
            takes the first one back. Volumes and directories of the host are not touched.
            """,
        Examples = [("orca undo work", "and once more: as it was before"), ("orca restore work 1", "go back further")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var name = arguments.Positionals[0];
        Print(context, name, context.Get<ISnapshotStore>().Undo(name));
        return 0;
    });

    /// <summary>Says where a container is, and where the state is that it has left.</summary>
    public static void Print(CommandContext context, string name, SnapshotMove move) =>
        context.Out.Write($"{name} is at {Words(move.To)} again{(move.Left == move.To ? string.Empty : $"; {Words(move.Left)} is what it was")}\n");

    private static string Words(int number) => number == 0 ? "its image" : string.Create(CultureInfo.InvariantCulture, $"snapshot {number}");
}

/// <summary><c>orca restore</c>.</summary>
internal sealed class RestoreCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca restore",
        Usage = ["NAME SNAPSHOT"],
        Summary = "Make a container that does not run as it was at a snapshot.",
        Argument = "NAME",
        AtLeast = 2,
        AtMost = 2,
        Interspersed = true,
        Remarks = "Snapshot 0 is the image. The present state is kept as a snapshot, so that 'orca undo' takes this back.",
        Examples = [("orca history work", "the numbers"), ("orca restore work 2", "as at snapshot 2")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var name = arguments.Positionals[0];
        UndoCommand.Print(context, name, context.Get<ISnapshotStore>().Restore(name, SnapshotCommand.Number(arguments.Positionals[1], s_syntax)));
        return 0;
    });
}

/// <summary><c>orca branch</c>.</summary>
internal sealed class BranchCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca branch",
        Usage = ["NAME NEW-NAME"],
        Summary = "Make a second container of a container's present state; nothing is copied.",
        Argument = "NAME",
        AtLeast = 2,
        AtMost = 2,
        Interspersed = true,
        Remarks = "The new container has the snapshots and options of the first one. Both share volumes and directories of the host.",
        Examples = [("orca branch work try", "change 'try', and keep 'work'")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        context.Get<ISnapshotStore>().Branch(arguments.Positionals[0], arguments.Positionals[1]);
        context.Out.Write(arguments.Positionals[1] + "\n");
        return 0;
    });
}
