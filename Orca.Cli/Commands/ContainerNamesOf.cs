using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>The containers that a command is for: those that are named, or all.</summary>
internal static class ContainerNamesOf
{
    /// <summary>The names given, or all containers that run where the option asks for them.</summary>
    /// <exception cref="ReferenceException">Neither is given, or both.</exception>
    public static IReadOnlyList<string> Running(ParsedArguments arguments, Option all, IContainerStore store, CommandSyntax syntax) =>
        Of(arguments, all, store, syntax, static container => container.IsHeld);

    /// <summary>The names given, or all kept containers where the option asks for them.</summary>
    /// <inheritdoc cref="Running"/>
    public static IReadOnlyList<string> Kept(ParsedArguments arguments, Option all, IContainerStore store, CommandSyntax syntax) =>
        Of(arguments, all, store, syntax, static container => container.Kept || container.IsHeld);

    private static IReadOnlyList<string> Of(ParsedArguments arguments, Option all, IContainerStore store, CommandSyntax syntax, Func<ContainerSummary, bool> counts)
    {
        if (arguments.IsOn(all) == (arguments.Positionals.Count > 0))
        {
            throw new ReferenceException(
                arguments.IsOn(all) ? $"cannot use '{syntax.Name}': names and '--all' exclude each other" : $"cannot use '{syntax.Name}': NAME is missing", UsageError.SeeHelp(syntax));
        }

        return arguments.IsOn(all) ? [.. store.List().Where(counts).Select(static container => container.Record.Name)] : arguments.Positionals;
    }
}
