using System.Text;
using Orca.Cli.Parsing;

namespace Orca.Cli.Output;

/// <summary>Rows under headings, columns aligned by width.</summary>
/// <remarks>On a terminal the widest columns are cut, so that one long name does not break every line; what is piped is whole, for the next program.</remarks>
internal sealed class Table(params string[] headings)
{
    /// <summary>As Docker's.</summary>
    public static readonly Option Whole = new(null, "no-trunc", null, "Cut nothing to the width of the terminal");

    private const int Gap = 3;
    private const int Least = 12; // columns no wider than this are not cut: dates, sizes, short digests
    private readonly List<string[]> _rows = [headings];

    /// <summary>Adds a row with as many cells as there are headings.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <inheritdoc/>
    public override string ToString() => ToString(null);

    /// <summary>The table as it suits the output: within its terminal's width, or whole.</summary>
    public string For(ITextOutput output, bool whole = false) => ToString(whole ? null : output.Terminal?.Columns);

    private string ToString(int? columns)
    {
        var widths = Widths(columns is > 0 and var width ? width : int.MaxValue);
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                var cell = Cut(row[column], widths[column]);
                text.Append(column == row.Length - 1 ? cell : cell.PadRight(widths[column] + Gap));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private int[] Widths(int room)
    {
        var widths = new int[_rows[0].Length];
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        for (long surplus = widths.Sum() + (Gap * (widths.Length - 1L)) - room; surplus > 0; surplus--)
        {
            var widest = Array.IndexOf(widths, widths.Max());
            if (widths[widest] <= Least)
            {
                break; // a terminal of a few columns: its lines wrap
            }

            widths[widest]--;
        }

        return widths;
    }

    /// <summary>The text within the width; of a long one the beginning and the end stay, as the end of an image's name is its tag.</summary>
    private static string Cut(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        var end = (width - 1) / 2;
        var start = width - 1 - end;
        start -= char.IsHighSurrogate(text[start - 1]) ? 1 : 0;
        end -= char.IsLowSurrogate(text[^end]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, start), "…", text.AsSpan(text.Length - end));
    }
}
