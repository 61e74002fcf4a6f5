using NUnit.Framework;
using Orca.Cli.Output;

namespace Orca.Tests.Cli.Output;

/// <summary>Tables on terminals and in pipes. On no terminal is a cell cut: what is shown can be typed.</summary>
public sealed class TableTests
{
    private const string Long = "registry.example/a-team/with/a-very/long-name-of-an-image:1.2.3";

    [TestCase(null, false)]
    [TestCase(40, true)]
    [TestCase(200, false)]
    [TestCase(0, false)]
    public void Whole_WherePiped_WhereAsked_AndWhereThereIsRoom(int? columns, bool whole)
    {
        var text = Filled().For(new RecordingOutput { Terminal = columns is { } width ? (24, width) : null }, whole);
        Assert.That(text, Is.EqualTo($"IMAGE{new string(' ', Long.Length - 2)}DIGEST         SIZE\n{Long}   aaaaaaaaaaaa   1.00 MB\nb{new string(' ', Long.Length + 2)}cccccccccccc   2 B\n"));
    }

    [Test]
    public void LongName_HasALineOfItsOwn_AndTheOthersDoNot() => Assert.That(On(70, Filled()), Is.EqualTo(
        Line((0, "IMAGE"), (48, "DIGEST"), (63, "SIZE")) + Line((0, Long)) + Line((48, "aaaaaaaaaaaa"), (63, "1.00 MB")) + Line((0, "b"), (48, "cccccccccccc"), (63, "2 B"))));

    [Test]
    public void NarrowTerminal_LeavesOutWhatIsLeastImportant() => Assert.That(On(50, Filled()), Is.EqualTo(
        Line((0, "IMAGE"), (38, "DIGEST")) + Line((0, Long)) + Line((38, "aaaaaaaaaaaa")) + Line((0, "b"), (38, "cccccccccccc"))));

    [Test]
    public void CellThatDoesNotFit_BeginsALine()
    {
        var table = new Table("NAME", "IMAGE", "STATUS");
        table.Add("work", Long, "kept");
        table.Add("a-name-of-a-container", "b", "kept");
        Assert.That(On(40, table), Is.EqualTo(
            Line((0, "NAME"), (17, "IMAGE"), (34, "STATUS")) + Line((0, "work")) + Line((2, Long)) + Line((34, "kept")) + Line((0, "a-name-of-a-container")) + Line((17, "b"), (34, "kept"))));
    }

    [Test]
    public void WideCharacters_CountTwice_AndCombiningOnesNotAtAll()
    {
        var table = new Table("A", "B");
        table.Add("日本", "x");
        table.Add("e\u0301e\u0301", "y");
        Assert.That(On(80, table), Is.EqualTo("A      B\n日本   x\ne\u0301e\u0301     y\n"));
    }

    [Test]
    public void NoCellIsEverCut([Values(1, 10, 20, 40, 60, 80, 200)] int columns, [Values(1, 12, 13, 40, 90)] int length, [Values("x", "日")] string letter)
    {
        var cells = Enumerable.Range(0, 4).Select(column => string.Concat(Enumerable.Repeat(letter, Math.Max(1, length - column)))).ToArray();
        var table = new Table("A", "B", "C", "D");
        table.Add(cells);
        var lines = On(columns, table).Split('\n');
        Assert.That(lines.SelectMany(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Skip(4), Is.EqualTo(cells));
        Assert.That(lines, Has.None.EndsWith(" "));
        if (columns >= 60)
        {
            Assert.That(lines.Where(line => DisplayWidth.Of(line) > columns).Select(static line => line.Trim()), Is.SubsetOf(cells), "only a cell that is wider than the terminal");
        }
    }

    private static string On(int columns, Table table) => table.For(new RecordingOutput { Terminal = (24, columns) });

    private static string Line(params (int At, string Cell)[] cells) => cells.Aggregate(string.Empty, static (line, cell) => line.PadRight(cell.At) + cell.Cell) + "\n";

    private static Table Filled()
    {
        var table = new Table("IMAGE", "DIGEST", "SIZE") { LeastImportant = ["SIZE"] };
        table.Add(Long, "aaaaaaaaaaaa", "1.00 MB");
        table.Add("b", "cccccccccccc", "2 B");
        return table;
    }
}
