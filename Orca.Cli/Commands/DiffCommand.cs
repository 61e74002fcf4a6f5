using System.Text;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca diff</c>.</summary>
internal sealed class DiffCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca diff",
        Usage = ["[OPTIONS] NAME [FROM [TO]]"],
        Summary = "List what a container has added (A), changed (C) and deleted (D) in its image's files.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 3,
        Interspersed = true,
        Options = [JsonOutput.Format],
        Remarks = "FROM and TO are snapshots; without TO the present state is compared, and without FROM the image, which is 0.",
        Examples = [("orca diff work", "what is mounted into it is left out"), ("orca diff work 2", "what has changed since snapshot 2")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var words = arguments.Positionals;
        var changes = words.Count == 1 ? context.Get<IContainerStore>().Changes(words[0]) : context.Get<ISnapshotStore>().Compare(
            words[0], SnapshotCommand.Number(words[1], s_syntax), words.Count == 3 ? SnapshotCommand.Number(words[2], s_syntax) : null);
        context.Out.Write(JsonOutput.IsAsked(arguments) ? Json(changes) : Text(changes));
        return 0;
    });

    private static string Text(IReadOnlyList<ContainerChange> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes)
        {
            text.Append(Letter(change.Kind)).Append(' ').Append(Quoted.Text(change.Path)).Append('\n');
        }

        return text.ToString();
    }

    private static string Json(IReadOnlyList<ContainerChange> changes) => JsonOutput.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", Letter(change.Kind).ToString());
            writer.WriteString("path", change.Path);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static char Letter(ChangeKind kind) => kind switch { ChangeKind.Added => 'A', ChangeKind.Changed => 'C', _ => 'D' };
}
