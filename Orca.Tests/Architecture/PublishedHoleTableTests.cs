using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>docs/published-holes.md says what is so.</summary>
public sealed partial class PublishedHoleTableTests
{
    [Test]
    public void EveryHole_HasATestOfItsName_OrAReason()
    {
        var sources = string.Concat(Repository.Sources(".cs").Where(static path => path.StartsWith("Orca.Tests/", StringComparison.Ordinal) && !path.Contains("/Architecture/", StringComparison.Ordinal))
            .Select(static path => File.ReadAllText(Path.Combine(Repository.Root, path))));
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs/published-holes.md")).Where(static line => line.StartsWith("| CVE-", StringComparison.Ordinal)).ToList();
        Assert.That(rows, Has.Count.GreaterThan(30));
        Assert.Multiple(() =>
        {
            foreach (var row in rows)
            {
                var cells = row.Split('|', StringSplitOptions.TrimEntries);
                if (cells[3].StartsWith("none: ", StringComparison.Ordinal))
                {
                    continue;
                }

                foreach (Match hole in Number().Matches(cells[1]))
                {
                    var name = $"Cve_{hole.Groups[1].Value}_{hole.Groups[2].Value}";
                    Assert.That(cells[3], Does.Contain($"`{name}`"), row);
                    Assert.That(Regex.IsMatch(sources, name + "(?![0-9])"), Is.True, $"there is no test of the name {name}");
                }
            }
        });
    }

    [GeneratedRegex("CVE-([0-9]+)-([0-9]+)")]
    private static partial Regex Number();
}
