using System.Globalization;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;

namespace Orca.Cli.Commands;

/// <summary>How an image was made, in docker's columns.</summary>
internal static class ImageHistoryRows
{
    public static readonly Option Human = new('H', "human", null, "Sizes and times as people read them (default); =false for bytes and dates");
    public static readonly Option Quiet = new('q', "quiet", null, "Print digests only");

    private const string Missing = "<missing>";
    private const int MaxText = 45;

    private static readonly Dictionary<string, string> s_headings = new(StringComparer.OrdinalIgnoreCase) { ["ID"] = "IMAGE", ["CreatedSince"] = "CREATED" };

    /// <summary>Prints the history of the image that the arguments name.</summary>
    public static int Print(ParsedArguments arguments, CommandContext context)
    {
        var format = ResultFormat.Template(arguments, ResultFormat.Format);
        var image = StoredImages.Require(context, arguments.Positionals[0], "cannot read the history of image");
        var rows = Rows(context, arguments, image);
        if (arguments.IsOn(Quiet))
        {
            context.Out.Write(string.Concat(rows.Select(static row => row.Id + "\n")));
        }
        else if (format is not null)
        {
            context.Out.Write(ResultFormat.Rows(format, s_headings, context.Out, writer => Write(writer, rows)));
        }
        else if (arguments.Last(ResultFormat.Format) == "json")
        {
            context.Out.Write(JsonOutput.Build(writer => Write(writer, rows)));
        }
        else
        {
            var table = new Table("IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT") { LeastImportant = ["COMMENT"] };
            foreach (var row in rows)
            {
                table.Add(row.Id, row.IsHuman ? row.Since : row.At, row.By, row.Size, row.Comment);
            }

            context.Out.Write(table.For(context.Out, arguments.IsOn(Table.Whole)));
        }

        return 0;
    }

    private static List<Row> Rows(CommandContext context, ParsedArguments arguments, StoredImage image)
    {
        var (isHuman, isWhole, now) = (arguments.Switch(Human) != false, arguments.IsOn(Table.Whole), context.Time.GetUtcNow());
        var rows = new List<Row>();
        foreach (var step in context.Get<IImageHistory>().Read(image))
        {
            var time = DateTimeOffset.TryParse(step.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed) ? parsed : (DateTimeOffset?)null;
            rows.Add(new Row(
                rows.Count > 0 ? Missing : isWhole ? image.Digest.ToString() : image.Digest.Abbreviated,
                time?.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture) ?? "N/A",
                time is { } made ? Amount.Ago(now - made) : "N/A",
                Quoted.Text(isWhole || step.CreatedBy.Length <= MaxText ? step.CreatedBy : step.CreatedBy[..(MaxText - 1)] + "…"),
                isHuman ? Amount.Bytes(step.Size) : step.Size.ToString(CultureInfo.InvariantCulture),
                Quoted.Text(step.Comment),
                isHuman));
        }

        return rows;
    }

    private static void Write(Utf8JsonWriter writer, List<Row> rows)
    {
        writer.WriteStartArray();
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            writer.WriteString("ID", row.Id);
            writer.WriteString("CreatedAt", row.At);
            writer.WriteString("CreatedSince", row.Since);
            writer.WriteString("CreatedBy", row.By);
            writer.WriteString("Size", row.Size);
            writer.WriteString("Comment", row.Comment);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private sealed record Row(string Id, string At, string Since, string By, string Size, string Comment, bool IsHuman);
}
