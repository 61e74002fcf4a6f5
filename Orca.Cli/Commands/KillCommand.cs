using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary><c>orca kill</c>.</summary>
internal sealed class KillCommand : Command
{
    private static readonly Option s_signal = new('s', "signal", "SIGNAL", "Send this signal (default SIGKILL)");
    private static readonly Option s_all = new('a', "all", null, "All containers that run");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca kill",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Send a signal to the command of containers that run.",
        Argument = "NAME",
        Interspersed = true,
        Options = [s_all, s_signal],
        Examples = [("orca kill -s HUP web", "many servers read their configuration again then")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var signal = arguments.Last(s_signal) is { } text ? Core.Sandbox.Signal.Parse(text) : Core.Sandbox.Signal.Kill;
        return EachArgument.DoAll(ContainerNamesOf.Running(arguments, s_all, context.Get<IContainerStore>(), s_syntax), context, name =>
        {
            StopCommand.Control(context).Kill(name, signal, CancellationToken.None);
            context.Out.Write(name + "\n");
            return 0;
        });
    }
}
