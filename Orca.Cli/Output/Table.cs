using System.Text;
using Orca.Cli.Parsing;

namespace Orca.Cli.Output;

/// <summary>Rows under headings, columns aligned by width.</summary>
/// <remarks>
/// No cell is cut: names, digests and paths are there to be typed and copied. Where the terminal is too narrow, first the columns of <see cref="LeastImportant"/> are left out;
/// then the widest columns become narrower, and a cell that is wider than its column has the rest of its row on the next line. What is piped is whole, one row a line.
/// </remarks>
internal sealed class Table(params string[] headings)
{
    /// <summary>As Docker's.</summary>
    public static readonly Option Whole = new(null, "no-trunc", null, "Leave nothing out to fit the width of the terminal");

    private const int Gap = 3;
    private const int Least = 12; // columns no wider than this stay as they are: dates, sizes, short digests
    private const int Comfortable = 32; // columns are left out so that names of this length have their row on one line
    private const int Indent = 2;
    private readonly List<string[]> _rows = [headings];

    /// <summary>The headings of the columns that a narrow terminal does not show, the first to go first.</summary>
    public string[] LeastImportant { get; init; } = [];

    /// <summary>False: the headings only name the columns.</summary>
    public bool HasHeading { get; init; } = true;

    /// <summary>Adds a row with as many cells as there are headings.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <inheritdoc/>
    public override string ToString() => ToString(int.MaxValue);

    /// <summary>The table as it suits the output: within its terminal's width, or whole.</summary>
    public string For(ITextOutput output, bool whole = false) => ToString(!whole && output.Terminal?.Columns is > 0 and var columns ? columns : int.MaxValue);

    private string ToString(int room)
    {
        var widths = Widths();
        var shown = Shown(widths, room);
        Narrow(widths, shown, room);
        var text = new StringBuilder();
        foreach (var row in HasHeading ? _rows : _rows.Skip(1))
        {
            Append(text, row, widths, shown, room);
        }

        return text.ToString();
    }

    private int[] Widths()
    {
        var widths = new int[headings.Length];
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], DisplayWidth.Of(row[column]));
            }
        }

        return widths;
    }

    /// <summary>Returns the columns that there is room for.</summary>
    private List<int> Shown(int[] widths, int room)
    {
        List<int> shown = [.. Enumerable.Range(0, headings.Length)];
        foreach (var heading in LeastImportant)
        {
            if (Sum(shown, column => Math.Min(widths[column], Comfortable)) <= room)
            {
                break;
            }

            shown.Remove(Array.IndexOf(headings, heading));
        }

        return shown;
    }

    private static void Narrow(int[] widths, List<int> shown, int room)
    {
        for (var surplus = Sum(shown, column => widths[column]) - room; surplus > 0; surplus--)
        {
            var widest = shown.MaxBy(column => widths[column]);
            if (widths[widest] <= Least)
            {
                return; // a terminal of a few columns: its lines wrap
            }

            widths[widest]--;
        }
    }

    private static long Sum(List<int> shown, Func<int, int> width) => shown.Sum(column => (long)width(column)) + (Gap * (shown.Count - 1L));

    private static void Append(StringBuilder text, string[] row, int[] widths, List<int> shown, int room)
    {
        var (start, at) = (0, 0); // of the column, of the line
        foreach (var column in shown)
        {
            var width = DisplayWidth.Of(row[column]);
            if (at > 0 && at > start - Gap)
            {
                text.Append('\n');
                at = 0;
            }

            var from = start;
            if (width > widths[column] && start > Indent && start + width > room)
            {
                text.Append(at > 0 ? "\n" : string.Empty);
                (at, from) = (0, Indent);
            }

            text.Append(' ', from - at).Append(row[column]);
            at = from + width;
            start += widths[column] + Gap;
        }

        text.Append('\n');
    }
}
