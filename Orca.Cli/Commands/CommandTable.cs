using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary>All commands by name; each is made only when it is wanted.</summary>
internal static class CommandTable
{
    /// <summary>The names, in the order help lists them.</summary>
    public static readonly string[] Names = ["run", "pull", "images", "rmi", "ps", "rm", "hello", "version", "help"];

    /// <summary>The command of this name.</summary>
    /// <exception cref="Core.Errors.ReferenceException">There is none.</exception>
    public static Command Find(string name) => name switch
    {
        "run" => new RunCommand(),
        "pull" => new PullCommand(),
        "images" => new ImagesCommand(),
        "rmi" => new RemoveImageCommand(),
        "ps" => new PsCommand(),
        "rm" => new RemoveCommand(),
        "hello" => new HelloCommand(),
        "version" => new VersionCommand(),
        "help" => new HelpCommand(),
        _ => throw UsageError.UnknownCommand(name, Names),
    };
}
