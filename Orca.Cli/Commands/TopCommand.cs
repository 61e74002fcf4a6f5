using System.Globalization;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca top</c>.</summary>
internal sealed class TopCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca top",
        Usage = ["NAME"],
        Summary = "List the processes of a container that runs.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [Table.Whole],
        Remarks = "PID is the number that the container sees, HPID that of this machine, by which ps(1) and kill(1) know the process.",
        Examples = [("orca top web", "who runs, and for how long")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var name = arguments.Positionals[0];
        var store = context.Get<IContainerStore>();
        if (store.Look(name) is null)
        {
            throw ContainerFailure.Missing("list the processes of", name);
        }

        var running = store.FindRunning(name) ?? throw new StoreException($"cannot list the processes of container '{name}': it does not run", $"'orca start {name}' starts it");
        var table = new Table("PID", "PPID", "HPID", "USER", "TIME", "COMMAND");
        foreach (var process in ContainerProcess.All(running.Process.Id))
        {
            table.Add(Text(process.Inner), Text(process.InnerParent), Text(process.Id), Text(process.User), Amount.Time(process.Used), Quoted.Text(process.Command));
        }

        context.Out.Write(table.For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
