using System.Text;
using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary>The syntax of orca itself: the options before a command.</summary>
internal static class RootSyntax
{
    public static readonly Option Version = new('v', "version", null, "Print the version");

    public static readonly CommandSyntax Syntax = new()
    {
        Name = "orca",
        Usage = ["COMMAND [OPTIONS] ...", "-d IMAGE [-t TAG] [-n NAME] [--init] [--rm] [COMMAND [ARGUMENT...]]"],
        Summary = "Run containers without root: no daemon, no set-uid helper, no line in /etc/subuid.",
        Options = [AncestorCommand.Image, AncestorCommand.Tag, AncestorCommand.Name, AncestorCommand.Fresh, AncestorCommand.Remove, Version],
        Examples =
        [
            ("orca hello", "see the whole pipeline at work, without network"),
            ("orca run alpine", "a shell that leaves nothing behind"),
            ("orca run --name work debian bash", "a container that is kept; 'orca run --name work' re-enters it"),
            ("orca -d debian bash", "the same, under the name 'debian'"),
        ],
    };

    /// <summary>The options, with the commands before them.</summary>
    public static string Help()
    {
        var commands = new StringBuilder("\nCommands:\n");
        var rows = new List<(string, string)>();
        foreach (var name in CommandTable.Names)
        {
            rows.Add((name, CommandTable.Find(name).Syntax.Summary));
        }

        HelpText.AppendColumns(commands, rows);
        commands.Append("\nRun 'orca COMMAND --help' for details.\n");
        return HelpText.Of(Syntax).Replace("\nOptions:\n", commands + "\nOptions:\n", StringComparison.Ordinal);
    }
}
