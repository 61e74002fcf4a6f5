using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary><c>orca stop</c>.</summary>
internal sealed class StopCommand : Command
{
    internal static readonly Option Time = new('t', "time", "SECONDS", "Kill it when it has not ended after this time (default 10); -1 waits for ever");
    internal static readonly Option Timeout = new(null, "timeout", "SECONDS", string.Empty) { Means = Time };
    internal static readonly Option Signal = new('s', "signal", "SIGNAL", "Ask it with this signal (default: its own, or SIGTERM)");
    private static readonly Option s_ignore = new('i', "ignore", null, "A missing container is no error");
    private static readonly Option s_all = new('a', "all", null, "All containers that run");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca stop",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Ask containers to end, and kill those that do not.",
        Argument = "NAME",
        Interspersed = true,
        Options = [s_all, s_ignore, Signal, Time, Timeout],
        Examples = [("orca stop web", "and 'orca start web' starts it again"), ("orca stop -t 1 web", "with one second to end")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IContainerStore>();
        var (patience, signal) = (Patience(arguments, Time, s_syntax), AskedSignal(arguments));
        return EachArgument.DoAll(ContainerNamesOf.Running(arguments, s_all, store, s_syntax), context, name =>
        {
            if (arguments.IsOn(s_ignore) && store.Look(name) is null)
            {
                return 0;
            }

            Control(context).Stop(name, patience, signal, CancellationToken.None);
            context.Out.Write(name + "\n");
            return 0;
        });
    }

    internal static ContainerControl Control(CommandContext context) => new(context.Get<IContainerStore>(), context.Get<Core.Images.IImageStore>());

    internal static Signal? AskedSignal(ParsedArguments arguments) => arguments.Last(Signal) is { } text ? Core.Sandbox.Signal.Parse(text) : null;

    internal static TimeSpan? Patience(ParsedArguments arguments, Option time, CommandSyntax syntax) => arguments.Last(time) is not { } text ? null
        : int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds >= -1
            ? TimeSpan.FromSeconds(seconds)
            : throw new Core.Errors.ReferenceException($"cannot use option '--time': '{Core.Errors.Quoted.Text(text)}' is not a number of seconds", UsageError.SeeHelp(syntax));
}
