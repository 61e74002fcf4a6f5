using System.Text;
using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Cli.Parsing;
using Orca.Tests.Architecture;

namespace Orca.Tests.Cli.Parsing;

/// <summary>Every option of docker and podman for the commands that orca has exists, is accepted, or is refused with a reason; docs/docker-to-orca.md says which.</summary>
/// <remarks>docker-flags.txt has the options: of docker/cli 28f756087eea and of podman's docs at c6580b4a5219. To accept a change of the table: <c>ORCA_UPDATE_GOLDENS=1</c>.</remarks>
public sealed class DockerFlagTests
{
    private const string NotYet = "not yet: an error, as for an option that nobody knows";

    private static readonly string[] s_groups = ["system", "volume", "container", "image"];

    /// <summary>What is still missing; nothing may be added.</summary>
    private static readonly string[] s_missing = File.ReadAllLines(Path.Combine(Repository.Root, "Orca.Tests", "Cli", "Parsing", "docker-flags-missing.txt"));

    private static IEnumerable<(string Command, string Flag, string In)> Flags => File.ReadAllLines(Path.Combine(Repository.Root, "Orca.Tests", "Cli", "Parsing", "docker-flags.txt"))
        .Select(static line => line.Split(" | ")).Select(static fields => (fields[0], fields[1], fields[2]));

    [Test]
    public void EveryFlag_IsThere_IsAccepted_OrIsRefusedWithAReason()
    {
        var missing = Flags.Where(static flag => Find(flag.Command) is { } syntax && Verdict(syntax, flag.Command, flag.Flag) == NotYet).Select(static flag => $"{flag.Command} {flag.Flag}").ToList();
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllLines(Path.Combine(Repository.Root, "Orca.Tests", "Cli", "Parsing", "docker-flags-missing.txt"), missing);
            return;
        }

        Assert.That(string.Join('\n', missing.Except(s_missing)), Is.Empty, "give them a meaning, a row in AcceptedSyntax, or a reason in RefusedOptions");
    }

    [Test]
    public void TheTable_InTheDocs_IsWhatTheParserDoes()
    {
        var golden = Path.Combine(Repository.Root, "docs", "docker-to-orca.md");
        var text = Table();
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(golden, text);
        }

        Assert.That(text, Is.EqualTo(File.ReadAllText(golden)));
    }

    [TestCase("--uidmap 0:1:1", "which ids a container has is decided by '--userns' alone")]
    [TestCase("--cpu-count 2", "it is for containers of Windows")]
    [TestCase("-c 512", "orca sets memory, processors and processes of a control group, and nothing else")]
    [TestCase("-p 8080:80", "a port that is opened inside is opened on the host, with its number and on the address that the program chooses")]
    [TestCase("-p 127.0.0.1:80:80", "a port that is opened inside is opened on the host, with its number and on the address that the program chooses")]
    [TestCase("--sig-proxy=false", "a command in the foreground gets the signals of its run")]
    [TestCase("--cgroupns host", "the container sees its own control group only")]
    public void RefusedOption_NamesTheReasonAndAWay(string option, string reason)
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run(["run", .. option.Split(' '), "alpine"]), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.Contain($": {reason}\nhint: "));
        Assert.That(world.Ran, Is.Null);
    }

    [TestCase("-p 80:80")]
    [TestCase("-p 80/udp")]
    [TestCase("-P")]
    [TestCase("--retry 3")]
    public void OptionThatChangesNothing_IsNoted(string option) => Assert.That(Accepted(option), Does.Contain("orca: note: ").And.Contain("has no effect"));

    [TestCase("--cgroupns private")]
    [TestCase("--sig-proxy")]
    [TestCase("-a stdin -a STDOUT -a stderr")]
    [TestCase("--oom-kill-disable=false")]
    public void OptionThatAsksForWhatIsSo_IsAccepted(string option) => Assert.That(Accepted(option), Is.Empty);

    private static string Accepted(string option)
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run(["run", .. option.Split(' '), "alpine"]), Is.Zero, world.Error.Text);
        return world.Error.Text;
    }

    private static string Table()
    {
        var text = new StringBuilder("""
            # From docker and podman to orca

            Every option of docker's and podman's command line for the commands that orca has. A test writes this table from what orca's
            parser does (`Orca.Tests/Cli/Parsing/DockerFlagTests.cs`); nothing in it is written by hand. D: docker has the option, P: podman.

            - **yes**: it exists, and the text says what it does here.
            - **accepted**: command lines that have it work; the text says what it does not do.
            - **refused**: exit status 125, with this reason and this way instead.


            """);
        foreach (var command in Flags.GroupBy(static flag => flag.Command))
        {
            text.Append($"## {command.Key}\n\n");
            if (Find(command.Key) is not { } syntax)
            {
                text.Append($"orca has no such command{(DockerWords.InsteadOfCommand(command.Key) is { } instead ? ": " + instead : string.Empty)}.\n\n");
                continue;
            }

            text.Append("| option | in | orca |\n|---|---|---|\n");
            foreach (var (_, flag, place) in command)
            {
                text.Append($"| `{flag}` | {place} | {Verdict(syntax, command.Key, flag).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Verdict(CommandSyntax syntax, string command, string flag)
    {
        var name = flag.Split(' ')[0][2..];
        var typed = syntax.Find(name);
        var option = typed?.Means ?? typed;
        var reason = RefusedOptions.Reason(command, name);
        return option is { Neutral: { } values }
                ? $"accepted where it asks for what is so ({values.Replace(",", ", ", StringComparison.Ordinal)}); else refused: {reason}; {RefusedOptions.Way(name)}"
            : option?.Note is { Length: > 0 } note ? $"accepted, without effect: {note}{(reason is null ? string.Empty : $"; refused where it would be wrong: {reason}")}"
            : option?.Note is not null ? "accepted: it asks for what is so in any case"
            : option is not null ? $"yes: {option.Help}"
            : reason is not null ? $"refused: {reason}; {RefusedOptions.Way(name)}"
            : NotYet;
    }

    private static CommandSyntax? Find(string command)
    {
        var words = command.Split(' ');
        return !CommandTable.Names.Contains(words[0]) ? null
            : words.Length == 1 ? CommandTable.Find(command).Syntax
            : s_groups.Contains(words[0]) && SystemCommand.Names.Contains(words[1]) ? SystemCommand.Find(words[1]).Syntax : null;
    }
}
