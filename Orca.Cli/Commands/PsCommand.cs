using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca ps</c>.</summary>
internal sealed class PsCommand : Command
{
    private static readonly Option s_all = new('a', "all", null, "Also kept containers that do not run");
    private static readonly Option s_filter = new('f', "filter", "NAME=VALUE", "Only containers that it lets through, see below");
    private static readonly Option s_last = new('n', "last", "NUMBER", "The NUMBER containers that were made last, whether they run or not");
    private static readonly Option s_latest = new('l', "latest", null, "The container that was made last, whether it runs or not");
    private static readonly Option s_noHeading = new(null, "noheading", null, "Print no headings");
    private static readonly Option s_sort = new(null, "sort", "ORDER", "Sort by command, created, id, image, names, runningfor or status");
    private static readonly Option s_quiet = new('q', "quiet", null, "Print names only");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca ps",
        Usage = ["[OPTIONS]"],
        Summary = "List the containers that run.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_all, s_filter, ResultFormat.Format, s_last, s_latest, s_noHeading, s_quiet, s_sort, Table.Whole],
        Remarks = """
            Filters are name=PART, id=BEGINNING, status=created|running|exited, exited=STATUS, ancestor=IMAGE, before=NAME,
            since=NAME, volume=PATH and network=host|none. A template has docker's fields: ID, Names, Image, Command,
            CreatedAt, RunningFor, Status, State, Mounts, Networks, and podman's ExitCode and Pid.
            """,
        Examples = [("orca ps -a", "all containers"), ("orca ps -a --format json", "for programs")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = arguments.Last(ResultFormat.Format) == "json";
        var format = ResultFormat.Template(arguments, ResultFormat.Format);
        var filters = arguments.All(s_filter);
#if FRONT
        if (format is not null || filters.Count > 0 || arguments.Any([s_last, s_latest, s_sort]))
        {
            Process.Handoff.ToFullBinary(context.Files);
        }

        var all = arguments.IsOn(s_all);
#else
        var all = arguments.IsOn(s_all) || ContainerFilter.AsksForEnded(filters) || arguments.Any([s_last, s_latest]);
#endif
        var containers = context.Get<IContainerStore>().List().Where(container => all || container.IsHeld).ToList();
        var found = context.Get<IStoreMeter>().FindDamage(containersOnly: true);
        DamageNotes.Write(context, found, containers: true);
        List<string> damaged = [.. found.Select(static finding => finding.Container).OfType<string>().Distinct()
            .Where(name => arguments.IsOn(s_all) && filters.Count == 0 && context.Get<IContainerStore>().Find(name) is null)];
#if !FRONT
        containers = Chosen(arguments, context, containers, filters);
        if (format is not null && !arguments.IsOn(s_quiet))
        {
            context.Out.Write(ResultFormat.Rows(
                format, ContainerRows.Headings, context.Out,
                writer => ContainerRows.Write(writer, containers, context.Time.GetUtcNow(), arguments.IsOn(Table.Whole), context.Get<IContainerStore>())));
            return 0;
        }

#endif
        context.Out.Write(arguments.IsOn(s_quiet) ? Names(containers, damaged) : json ? Json(containers, damaged) : Text(containers, damaged, context.Time.GetUtcNow(), !arguments.IsOn(s_noHeading)).For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    }

#if !FRONT

    private static List<ContainerSummary> Chosen(ParsedArguments arguments, CommandContext context, List<ContainerSummary> containers, List<string> filters)
    {
        containers = ContainerFilter.Apply(context, containers, filters);
        var last = arguments.IsOn(s_latest) ? 1 : arguments.Last(s_last) is not { } text ? 0
            : int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var count) ? count
            : throw new ReferenceException($"cannot use option '--last': '{Quoted.Text(text)}' is not a number", UsageError.SeeHelp(s_syntax));
        containers = last > 0 ? [.. containers.OrderByDescending(static container => container.Record.Created).Take(last)] : containers;
        return arguments.Last(s_sort) is { } order ? ContainerFilter.Sorted(containers, order) : containers;
    }
#endif

    private static string Names(List<ContainerSummary> containers, List<string> damaged) =>
        string.Concat(containers.Select(container => container.Record.Name).Concat(damaged).Select(static name => name + "\n"));

    private static Table Text(List<ContainerSummary> containers, List<string> damaged, DateTimeOffset now, bool hasHeading)
    {
        var table = new Table("NAME", "IMAGE", "COMMAND", "CREATED", "STATUS") { HasHeading = hasHeading, LeastImportant = ["COMMAND", "CREATED"] };
        foreach (var container in containers)
        {
            table.Add(container.Record.Name, container.Record.Image.Familiar, Command(container.Record), Amount.Ago(now - container.Record.Created), ContainerState.Status(container, now));
        }

        foreach (var name in damaged)
        {
            table.Add(name, "-", "-", "-", "damaged");
        }

        return table;
    }

    /// <summary>The command, where it differs from the image's.</summary>
    private static string Command(ContainerRecord record) => ContainerState.Command(record) is { Length: > 0 } command ? $"\"{Quoted.Text(command)}\"" : "-";

    private static string Json(List<ContainerSummary> containers, List<string> damaged) => JsonOutput.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var container in containers)
        {
            Write(writer, container);
        }

        foreach (var name in damaged)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteBoolean("kept", true);
            writer.WriteBoolean("damaged", true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, ContainerSummary container)
    {
        writer.WriteStartObject();
        writer.WriteString("name", container.Record.Name);
        writer.WriteString("image", container.Record.Image.ToString());
        writer.WriteString("imageDigest", container.Record.ImageDigest.ToString());
        writer.WriteString("created", container.Record.Created);
        writer.WriteBoolean("kept", container.Kept);
        writer.WriteBoolean("running", container.IsHeld);
        writer.WriteString("state", ContainerState.Word(container));
        JsonOutput.WriteStrings(writer, "command", container.Record.Options.Process.Command);
        if (container.Times is { } times)
        {
            writer.WriteString("started", times.Started);
            if (!container.IsHeld)
            {
                writer.WriteNumber("exitCode", ContainerState.ExitCode(container));
            }

            if (times.Ended is { } ended)
            {
                writer.WriteString("ended", ended);
            }
        }

        if (container.ProcessId is { } id)
        {
            writer.WriteNumber("processId", id);
        }
        else
        {
            writer.WriteNull("processId");
        }

        writer.WriteEndObject();
    }
}
