using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

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
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        try
        {
            context.Get<IContainerStore>().Rename(arguments.Positionals[0], arguments.Positionals[1]);
            return 0;
        }
        catch (StoreException failure)
        {
            ErrorReport.Print(failure, context.Error, context.Global, context.Environment);
            return ContainerFailure.Status;
        }
    }
}
