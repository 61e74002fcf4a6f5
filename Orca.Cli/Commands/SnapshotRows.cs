using System.Globalization;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>The snapshots of a container, as <c>orca history</c> lists them.</summary>
internal static class SnapshotRows
{
    private static readonly Dictionary<string, string> s_headings = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Prints the snapshots of the container that the arguments name.</summary>
    public static int Print(ParsedArguments arguments, CommandContext context)
    {
        var format = ResultFormat.Template(arguments, ResultFormat.Format);
        var history = context.Get<ISnapshotStore>().History(arguments.Positionals[0]);
        context.Out.Write(arguments.IsOn(ImageHistoryRows.Quiet) ? string.Concat(history.Snapshots.Select(static snapshot => Text(snapshot.Number) + "\n"))
            : format is not null ? ResultFormat.Rows(format, s_headings, context.Out, writer => Write(writer, history))
            : arguments.Last(ResultFormat.Format) == "json" ? JsonOutput.Build(writer => Write(writer, history))
            : Lines(history, context).For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    }

    private static Table Lines(SnapshotHistory history, CommandContext context)
    {
        var table = new Table("SNAPSHOT", "ON", "TAKEN", "WHY");
        foreach (var snapshot in history.Snapshots)
        {
            table.Add(Text(snapshot.Number), Text(snapshot.Base), Amount.Ago(context.Time.GetUtcNow() - snapshot.Taken), snapshot.Kind switch
            {
                SnapshotKind.Left => "left by undo or restore",
                SnapshotKind.Branched => "branched",
                _ => Quoted.Text(snapshot.Message),
            });
        }

        table.Add("-", Text(history.Current), "now", history.IsChanged ? "changed since" : "unchanged since");
        return table;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter writer, SnapshotHistory history)
    {
        writer.WriteStartArray();
        foreach (var snapshot in history.Snapshots)
        {
            writer.WriteStartObject();
            writer.WriteNumber("Number", snapshot.Number);
            writer.WriteNumber("On", snapshot.Base);
            writer.WriteString("Taken", snapshot.Taken);
            writer.WriteString("Kind", snapshot.Kind switch { SnapshotKind.Left => "left", SnapshotKind.Branched => "branched", _ => "asked" });
            writer.WriteString("Message", snapshot.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
