using System.Globalization;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca logs</c>.</summary>
internal sealed class LogsCommand : Command
{
    private static readonly Option s_follow = new('f', "follow", null, "Go on as long as the container runs");
    private static readonly Option s_since = new(null, "since", "TIME", "Only what was printed since then: a date, seconds since 1970, or a span as 10m");
    private static readonly Option s_tail = new('n', "tail", "LINES", "Only the last lines; 'all' for all (default)");
    private static readonly Option s_times = new('t', "timestamps", null, "Show when each line was printed");
    private static readonly Option s_until = new(null, "until", "TIME", "Only what was printed before");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca logs",
        Usage = ["[OPTIONS] NAME"],
        Summary = "Show what a detached container has printed.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [s_follow, s_since, s_tail, s_times, s_until],
        Remarks = """
            The log holds the last 8 to 16 MiB. What a container prints at a terminal, without 'run -d' or 'start', is not logged.
            """,
        Examples = [("orca logs -f web", "as it comes, until the container ends"), ("orca logs -n 20 --since 1h web", "at most twenty lines of the last hour")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var name = arguments.Positionals[0];
        var store = context.Get<IContainerStore>();
        var now = context.Time.GetUtcNow();
        var (since, until) = (LogTime.Read(arguments.Last(s_since), "--since", now, s_syntax), LogTime.Read(arguments.Last(s_until), "--until", now, s_syntax));
        var printer = new LogPrinter(context, arguments.IsOn(s_times));
        using var watch = store.Watch(name);
        var isHeld = watch.IsHeld;
        using var log = new ContainerLog(store.OpenDirectory(name));
        if (!log.Exists && watch.Times is not null)
        {
            context.Note($"there is no log of '{Quoted.Text(name)}': what a command prints in the foreground goes to where it was started; 'orca run -d' and 'orca start' keep it");
        }

        if (Tail(arguments.Last(s_tail)) is { } lines)
        {
            var tail = new LogTail(lines);
            tail.Read(log, since, until);
            tail.Print(printer);
        }

        Print(log, printer, since, until);
        while (arguments.IsOn(s_follow) && isHeld && (until is null || context.Time.GetUtcNow() < until))
        {
            isHeld = watch.IsHeld; // before the last look
            if (!Print(log, printer, since, until) && isHeld)
            {
                Thread.Sleep(20);
            }
        }

        return 0;
    });

    private static bool Print(ContainerLog log, LogPrinter printer, DateTimeOffset? since, DateTimeOffset? until)
    {
        var any = false;
        while (log.TryRead(out var record))
        {
            any = true;
            if ((since is null || record.Time >= since) && (until is null || record.Time < until))
            {
                printer.Print(record);
            }
        }

        return any;
    }

    private static int? Tail(string? text) => text is null or "all" ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lines) ? (lines < 0 ? null : lines)
        : throw new ReferenceException($"cannot use option '--tail': '{Quoted.Text(text)}' is not a number of lines", UsageError.SeeHelp(s_syntax));
}
