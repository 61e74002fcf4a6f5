using System.Text;

namespace Orca.Cli.Output;

/// <summary>Rows under headings, columns aligned by width.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [headings];

    /// <summary>Adds a row with as many cells as there are headings.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                var last = column == row.Length - 1;
                text.Append(last ? row[column] : row[column].PadRight(Width(column) + 3));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private int Width(int column)
    {
        var width = 0;
        foreach (var row in _rows)
        {
            width = Math.Max(width, row[column].Length);
        }

        return width;
    }
}
