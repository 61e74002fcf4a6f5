using NUnit.Framework;
using Orca.Cli.Output;

namespace Orca.Tests.Cli.Output;

/// <summary>Tables on terminals and in pipes.</summary>
public sealed class TableTests
{
    private const string Long = "registry.example/a-team/with/a-very/long-name-of-an-image:1.2.3";

    [TestCase(null, false)]
    [TestCase(40, true)]
    [TestCase(200, false)]
    public void Whole_WherePiped_WhereAsked_AndWhereThereIsRoom(int? columns, bool whole)
    {
        var text = Filled().For(new RecordingOutput { Terminal = columns is { } width ? (24, width) : null }, whole);
        Assert.That(text, Is.EqualTo($"IMAGE{new string(' ', Long.Length - 2)}DIGEST         SIZE\n{Long}   aaaaaaaaaaaa   1.00 MB\nb{new string(' ', Long.Length + 2)}cccccccccccc   2 B\n"));
    }

    [TestCase(60)]
    [TestCase(72)]
    [TestCase(40)]
    public void OnATerminal_TheLongNameIsCut_AndTheOthersAreNot(int columns)
    {
        var lines = Filled().For(new RecordingOutput { Terminal = (24, columns) }).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines.Max(static line => line.Length), Is.EqualTo(columns));
        Assert.That(lines[1], Does.StartWith("regis").And.Contain("…").And.Contain(":1.2.3   aaaaaaaaaaaa   1.00 MB"));
        Assert.That(lines[2], Does.EndWith("cccccccccccc   2 B"));
    }

    [Test]
    public void ATerminalOfAFewColumns_KeepsTheShortCells()
    {
        var lines = Filled().For(new RecordingOutput { Terminal = (24, 10) }).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[1], Is.EqualTo("regist…1.2.3   aaaaaaaaaaaa   1.00 MB"));
    }

    private static Table Filled()
    {
        var table = new Table("IMAGE", "DIGEST", "SIZE");
        table.Add(Long, "aaaaaaaaaaaa", "1.00 MB");
        table.Add("b", "cccccccccccc", "2 B");
        return table;
    }
}
