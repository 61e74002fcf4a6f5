using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary>One command: how it is typed, and what it does.</summary>
internal abstract class Command
{
    /// <summary>How it is typed.</summary>
    public abstract CommandSyntax Syntax { get; }

    /// <summary>Does it.</summary>
    /// <returns>The exit status.</returns>
    public abstract int Execute(ParsedArguments arguments, CommandContext context);
}
