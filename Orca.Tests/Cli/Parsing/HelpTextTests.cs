using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Cli.Parsing;
using Orca.Tests.Architecture;

namespace Orca.Tests.Cli.Parsing;

/// <summary>What help says, to the letter.</summary>
/// <remarks>To accept a change: <c>ORCA_UPDATE_GOLDENS=1 dotnet test Orca.Tests --filter HelpText</c>, then read the difference before committing it.</remarks>
public sealed class HelpTextTests
{
    private static IEnumerable<string> Names => CommandTable.Names.Concat(SystemCommand.Names.Select(name => "system " + name));

    [Test]
    public void Help_OfOrca_IsAsItsGoldenFileSays() => Compare("orca", RootSyntax.Help());

    [TestCaseSource(nameof(Names))]
    public void Help_OfACommand_IsAsItsGoldenFileSays(string name) => Compare(name, HelpText.Of(Find(name).Syntax));

    [TestCaseSource(nameof(Names))]
    public void Help_OfACommand_HasExamplesAndFitsATerminal(string name)
    {
        var help = HelpText.Of(Find(name).Syntax);
        Assert.That(help, Does.Contain("\nExamples:\n"));
        Assert.That(help.Split('\n').Where(line => line.Length > 120), Is.Empty);
    }

    [TestCaseSource(nameof(Names))]
    public void Options_OfACommand_HaveDistinctNames(string name)
    {
        var options = Find(name).Syntax.Options.Concat(CommonOptions.All).ToList();
        Assert.That(options.Select(option => option.Name), Is.Unique);
        Assert.That(options.Where(option => option.Short is not null).Select(option => option.Short), Is.Unique);
    }

    [TestCaseSource(nameof(Names))]
    public void HelpOption_PrintsTheHelp(string name)
    {
        var world = new FakeWorld();
        Assert.That(world.Run([.. name.Split(' '), "--help"]), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo(HelpText.Of(Find(name).Syntax)));
        Assert.That(world.Composed, Is.Empty, "help needs no service");
    }

    private static Command Find(string name) => name.StartsWith("system ", StringComparison.Ordinal) ? SystemCommand.Find(name[7..]) : CommandTable.Find(name);

    private static void Compare(string name, string actual)
    {
        var golden = Path.Combine(Repository.Root, "Orca.Tests", "Cli", "Help", name.Replace(' ', '-') + ".txt");
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(golden, actual);
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(golden)));
    }
}
