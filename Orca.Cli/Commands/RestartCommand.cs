using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary><c>orca restart</c>.</summary>
internal sealed class RestartCommand : Command
{
    private static readonly Option s_all = new('a', "all", null, "All containers that run");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca restart",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Stop containers and start them again in the background.",
        Argument = "NAME",
        Interspersed = true,
        Options = [s_all, StopCommand.Signal, StopCommand.Time, StopCommand.Timeout],
        Examples = [("orca restart web", "with the command it was made with")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var (patience, signal) = (StopCommand.Patience(arguments, StopCommand.Time, s_syntax), StopCommand.AskedSignal(arguments));
        return EachArgument.DoAll(ContainerNamesOf.Running(arguments, s_all, context.Get<IContainerStore>(), s_syntax), context, name =>
        {
            StopCommand.Control(context).Stop(name, patience, signal, CancellationToken.None);
            return StartCommand.Start(context, name);
        });
    }
}
