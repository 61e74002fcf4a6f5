using System.Text;

namespace Orca.Tests.EndToEnd;

/// <summary>Fixtures/inside.tsv: a line for each fact, with what orca, docker and podman have, and the reason where they differ.</summary>
internal sealed record InsideTable(IReadOnlyList<InsideRow> Rows)
{
    /// <summary>Stands for what the host or the caller decides.</summary>
    public const string Any = "*";

    /// <summary>Where the part of the page begins that is made of the table.</summary>
    public const string Begin = "<!-- made of Fixtures/inside.tsv -->\n";

    private static readonly (string Run, string Title)[] s_runs =
    [
        ("all", "Without options"), ("terminal", "With a terminal"), ("user", "As a number that the image does not know (`-u 1234`)"),
        ("terminal-user", "As that user, with a terminal"), ("keep-id", "With `--userns=keep-id`"),
    ];

    public static InsideTable Read(string path) =>
        new([.. File.ReadLines(path).Skip(1).Select(line => line.Split('\t')).Select(fields => new InsideRow(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]))]);

    /// <summary>The generated part of the page: the differences with their reasons, then the facts that are the same.</summary>
    public string Page()
    {
        var page = new StringBuilder(Begin);
        foreach (var (run, title) in s_runs)
        {
            var rows = Rows.Where(row => row.Run == run).ToList();
            page.Append(null, $"\n## {title}\n\n| fact | orca | docker | podman | reason |\n|---|---|---|---|---|\n");
            foreach (var row in rows.Where(row => row.IsDifferent))
            {
                page.Append(null, $"| {row.Fact} | {Cell(row.Orca)} | {Cell(row.Docker)} | {Cell(row.Podman)} | {row.Reason} |\n");
            }

            page.Append(null, $"\nThe same in all: {string.Join(", ", rows.Where(row => !row.IsDifferent).Select(row => row.Orca.Length == 0 ? row.Fact : $"{row.Fact} `{row.Orca}`"))}.\n");
        }

        return page.ToString();
    }

    private static string Cell(string value) => value == Any ? "as outside" : value.Length == 0 ? "" : $"`{value}`";
}

/// <summary>One fact in one kind of run.</summary>
internal sealed record InsideRow(string Run, string Fact, string Orca, string Docker, string Podman, string Reason)
{
    public bool IsDifferent => Orca == InsideTable.Any || (Orca, Orca) != (Docker.Length == 0 && Run == "keep-id" ? Orca : Docker, Podman);
}
