using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca volume</c>: a word of its own for commands on volumes.</summary>
internal sealed class VolumeCommand : Command
{
    /// <summary>The names of the commands.</summary>
    public static readonly string[] Names = ["create", "ls", "inspect", "rm", "prune"];

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca volume",
        Usage = ["create|ls|inspect|rm|prune [OPTIONS] ..."],
        Summary = "Make, list and delete volumes: directories with names that containers mount with -v NAME:/DIR.",
        Argument = "COMMAND",
        AtLeast = 1,
        Examples =
        [
            ("orca run -v data:/var/lib/data IMAGE", "makes the volume 'data', filled from the image, and mounts it"),
            ("orca volume ls", "what there is"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) =>
        CommandLine.Execute(Find(arguments.Positionals[0]), [.. arguments.Positionals.Skip(1)], context);

    /// <summary>The command of this name.</summary>
    /// <exception cref="ReferenceException">There is none.</exception>
    public static Command Find(string name) => name switch
    {
        "create" => new VolumeCreateCommand(),
        "ls" or "list" => new VolumeListCommand(),
        "inspect" => new VolumeInspectCommand(),
        "rm" or "remove" => new VolumeRemoveCommand(),
        "prune" => new VolumePruneCommand(),
        _ => throw UsageError.UnknownCommand(name, s_syntax, Names),
    };
}
