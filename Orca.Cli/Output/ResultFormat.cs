using System.Text;
using System.Text.Json;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Output;

/// <summary>Results in the form of a template, over the objects that <c>--format json</c> would show with docker's names.</summary>
internal static class ResultFormat
{
    private const string TableWord = "table";

    /// <summary>The option of commands whose results a template can show.</summary>
    public static readonly Option Format = new(null, "format", "FORMAT", "'table', 'json', or a Go template such as '{{.ID}}' or 'table {{.ID}}\\t{{.Size}}'");

    /// <summary>The same, with docker's letter, for results that are one object.</summary>
    public static readonly Option FormatOfOne = new('f', "format", "FORMAT", "'json', or a Go template such as '{{.Client.Version}}'");

    /// <summary>The template that is asked for; null for none.</summary>
    /// <exception cref="ReferenceException">The format is neither a template nor a known word.</exception>
    public static string? Template(ParsedArguments arguments, Option option) => arguments.Last(option) switch
    {
        null or TableWord or "json" => null,
        { } text when text.Contains("{{", StringComparison.Ordinal) => text,
        var other => throw new ReferenceException($"cannot use format '{Quoted.Text(other)}': it is not 'table', 'json' or a template with a field such as {{{{.ID}}}}"),
    };

    /// <summary>Returns the rows of a list.</summary>
    /// <param name="format">The template, after <c>table</c> where that is said.</param>
    /// <param name="headings">The headings of fields, where they are not the name in capitals.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="write">Writes the array of rows.</param>
    /// <exception cref="ReferenceException">The template is wrong.</exception>
    public static string Rows(string format, IReadOnlyDictionary<string, string> headings, ITextOutput output, Action<Utf8JsonWriter> write)
    {
        var isTable = format.StartsWith(TableWord, StringComparison.Ordinal) && (format.Length == TableWord.Length || char.IsWhiteSpace(format[TableWord.Length]) || format[TableWord.Length] is '{' or '\\');
        var template = Templates.Template.Parse(isTable ? format[TableWord.Length..].TrimStart(' ', '\t') : format, output.Terminal is not null);
        using var document = JsonDocument.Parse(Templates.CompactJson.Build(write));
        if (template.TakesAll)
        {
            return template.Fill(document.RootElement) is var all && (all.Length == 0 || all.EndsWith('\n')) ? all : all + "\n";
        }

        var lines = new List<string>();
        foreach (var row in document.RootElement.EnumerateArray())
        {
            lines.Add(template.Fill(row));
        }

        return isTable ? Aligned(Heading(format), headings, lines) : string.Concat(lines.Select(static line => line + "\n"));
    }

    /// <summary>Returns one object.</summary>
    /// <exception cref="ReferenceException">The template is wrong.</exception>
    public static string One(string format, ITextOutput output, Action<Utf8JsonWriter> write)
    {
        using var document = JsonDocument.Parse(Templates.CompactJson.Build(write));
        return Templates.Template.Parse(format, output.Terminal is not null).Fill(document.RootElement) + "\n";
    }

    /// <summary>The fields that the template prints, one for each column.</summary>
    private static List<string> Heading(string format)
    {
        var columns = new List<string>();
        foreach (var column in format[TableWord.Length..].Replace("\\t", "\t", StringComparison.Ordinal).Split('\t'))
        {
            var dot = column.IndexOf('.', StringComparison.Ordinal);
            var end = dot + 1;
            while (dot >= 0 && end < column.Length && char.IsLetterOrDigit(column[end]))
            {
                end++;
            }

            columns.Add(dot < 0 ? string.Empty : column[(dot + 1)..end]);
        }

        return columns;
    }

    private static string Aligned(List<string> fields, IReadOnlyDictionary<string, string> headings, List<string> lines)
    {
        var rows = new List<string[]> { fields.Select(field => headings.TryGetValue(field, out var heading) ? heading : Capitals(field)).ToArray() };
        rows.AddRange(lines.Select(static line => line.Split('\t')));
        var widths = new List<int>();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                if (i == widths.Count)
                {
                    widths.Add(0);
                }

                widths[i] = Math.Max(widths[i], DisplayWidth.Of(row[i]));
            }
        }

        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                text.Append(row[i]).Append(' ', i + 1 == row.Length ? 0 : widths[i] - DisplayWidth.Of(row[i]) + 3);
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary><c>CreatedAt</c> as <c>CREATED AT</c>.</summary>
    private static string Capitals(string field)
    {
        var text = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            text.Append(i > 0 && char.IsUpper(field[i]) && char.IsLower(field[i - 1]) ? " " : string.Empty).Append(char.ToUpperInvariant(field[i]));
        }

        return text.ToString();
    }
}
