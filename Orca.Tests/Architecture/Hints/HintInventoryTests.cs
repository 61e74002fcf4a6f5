using System.Text.RegularExpressions;
using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Tests.EndToEnd.Hints;

namespace Orca.Tests.Architecture.Hints;

/// <summary>No hint is forgotten: each in the sources is followed by a test, or <see cref="HintTable"/> says why it cannot be and what stands for it.</summary>
public sealed partial class HintInventoryTests
{
    private static readonly string[] s_projects = ["Orca.Core/", "Orca.Registry/", "Orca.Sandbox/", "Orca.Cli/"];
    private static readonly Lazy<IReadOnlyDictionary<string, FoundHint>> s_found = new(Find);

    [Test]
    public void EveryHint_IsInATable()
    {
        var known = HintCases.All.Select(static one => one.Hint).Concat(HintTable.Stated.Keys).ToHashSet(StringComparer.Ordinal);
        Assert.That(
            string.Join('\n', s_found.Value.Where(one => !known.Contains(one.Key)).Select(static one => $"{one.Value.File}: {one.Key}")), Is.Empty,
            "add them to EndToEnd/Hints/HintCases.cs, or with a reason to HintTable.cs");
        Assert.That(string.Join('\n', known.Except(s_found.Value.Keys)), Is.Empty, "no source has them any more");
        Assert.That(HintTable.Stated.Keys.Intersect(HintCases.All.Select(static one => one.Hint)), Is.Empty, "they are followed");
    }

    /// <summary>The reason why a hint is not followed is one that its text shows, or a test that exists.</summary>
    [TestCaseSource(typeof(HintTable), nameof(HintTable.Rows))]
    public void StatedHint_CannotBeFollowed_ForTheReasonThatItsRowGives(string hint, object reason)
    {
        var needs = (HintReason)reason;
        Assert.That(s_found.Value.GetValueOrDefault(hint), Is.Not.Null, hint);
        if (needs == HintReason.Part)
        {
            Assert.That(s_found.Value[hint].IsPart, "it is a hint of its own");
        }
        else if (HintTable.Words.TryGetValue(needs, out var words))
        {
            Assert.That(hint, Does.Match(words));
        }
        else
        {
            Assert.That(s_found.Value[hint].File, Does.Match(HintTable.Files[needs]));
        }
    }

    /// <summary>The texts that no parameter carries: of programs that end before there is an exception.</summary>
    [Test]
    public void EveryHintBeforeTheRuntime_IsInATable()
    {
        var texts = Repository.Sources(".c").Concat(Repository.Sources(".cs")).Where(static path => s_projects.Any(project => path.StartsWith(project, StringComparison.Ordinal)))
            .SelectMany(static path => Literal().Matches(File.ReadAllText(Path.Combine(Repository.Root, path)))).Select(static match => match.Groups[1].Value);
        Assert.That(texts, Is.EquivalentTo(HintTable.BeforeTheRuntime.Keys));
    }

    [Test]
    public void Hints_NameCommandsAndOptionsThatExist()
    {
        var syntaxes = CommandTable.Names.Select(static name => CommandTable.Find(name).Syntax).Concat(SystemCommand.Names.Select(static name => SystemCommand.Find(name).Syntax)).ToList();
        var commands = syntaxes.Select(static syntax => syntax.Name).ToHashSet(StringComparer.Ordinal);
        var options = syntaxes.SelectMany(static syntax => syntax.AllOptions).Select(static option => "--" + option.Name).Concat(HintTable.ForeignOptions).ToHashSet(StringComparer.Ordinal);
        foreach (var hint in s_found.Value.Keys)
        {
            foreach (var command in Command().Matches(hint).Select(static match => match.Value))
            {
                Assert.That(commands.Contains(command) || commands.Contains(command.Split(' ') is [var program, var name, ..] ? $"{program} {name}" : command), $"{command}: {hint}");
            }

            Assert.That(Option().Matches(hint).Select(static match => match.Value).Where(option => !options.Contains(option)), Is.Empty, hint);
        }
    }

    /// <summary>A hint that deletes images or changes of a container says so. A prune deletes what nothing refers to.</summary>
    [Test]
    public void Hints_ThatDelete_SaySo()
    {
        foreach (var hint in s_found.Value.Keys.Where(static hint => Deletion().IsMatch(hint)))
        {
            Assert.That(hint, Does.Match("delet|takes? .*away|end it|removed by|&& orca pull"));
        }
    }

    private static IReadOnlyDictionary<string, FoundHint> Find()
    {
        var sources = Repository.Sources(".cs").Where(static path => s_projects.Any(project => path.StartsWith(project, StringComparison.Ordinal))).Select(static path => (path, File.ReadAllText(Path.Combine(Repository.Root, path))));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(static path => !Path.GetFileName(path).StartsWith("orca", StringComparison.OrdinalIgnoreCase));
        return HintScanner.Scan(sources, references);
    }

    [GeneratedRegex("""\\nhint: ([^"{]*?)\\n""")]
    private static partial Regex Literal();

    [GeneratedRegex("(?<='|[|] |: |&& )orca [a-z]+(?: [a-z]+)?")]
    private static partial Regex Command();

    [GeneratedRegex("(?<![a-z-])--[a-z][a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex("orca rmi? |rm -rf")]
    private static partial Regex Deletion();
}
