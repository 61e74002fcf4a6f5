using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary><c>orca rename</c>.</summary>
internal sealed class RenameCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca rename",
        Usage = ["NAME NEW-NAME"],
        Summary = "Give a kept container that does not run another name.",
        Argument = "NAME",
        AtLeast = 2,
        AtMost = 2,
        Interspersed = true,
        Examples = [("orca rename work old-work", "the changes stay")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        context.Get<IContainerStore>().Rename(arguments.Positionals[0], arguments.Positionals[1]);
        return 0;
    });
}
