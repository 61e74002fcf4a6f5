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
    private static readonly Option s_quiet = new('q', "quiet", null, "Print names only");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca ps",
        Usage = ["[OPTIONS]"],
        Summary = "List the containers that run.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_all, JsonOutput.Format, s_quiet, Table.Whole],
        Examples = [("orca ps -a", "all containers"), ("orca ps -a --format json", "for programs")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = JsonOutput.IsAsked(arguments);
        var all = arguments.IsOn(s_all);
        var containers = context.Get<IContainerStore>().List().Where(container => all || container.IsHeld).ToList();
        var found = context.Get<IStoreMeter>().FindDamage(containersOnly: true);
        DamageNotes.Write(context, found, containers: true);
        List<string> damaged = [.. found.Select(static finding => finding.Container).OfType<string>().Distinct()
            .Where(name => all && context.Get<IContainerStore>().Find(name) is null)];
        context.Out.Write(arguments.IsOn(s_quiet) ? Names(containers, damaged) : json ? Json(containers, damaged) : Text(containers, damaged, context.Time.GetUtcNow(), arguments.IsOn(Table.Whole)).For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    }

    private static string Names(List<ContainerSummary> containers, List<string> damaged) =>
        string.Concat(containers.Select(container => container.Record.Name).Concat(damaged).Select(static name => name + "\n"));

    private static Table Text(List<ContainerSummary> containers, List<string> damaged, DateTimeOffset now, bool whole)
    {
        var table = new Table("NAME", "IMAGE", "COMMAND", "CREATED", "STATUS") { LeastImportant = ["COMMAND", "CREATED"] };
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

    /// <summary>What the container was made to do, where that differs from the image's; docker cuts it at 20 characters, too.</summary>
    private static string Command(ContainerRecord record)
    {
        const int most = 19;
        var command = string.Join(' ', [.. record.Options.Process.Entrypoint ?? [], .. record.Options.Process.Command]);
        return command.Length == 0 ? "-" : $"\"{Quoted.Text(command.Length > most ? command[..most] + "…" : command)}\"";
    }

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
                writer.WriteNumber("exitCode", times.ExitCode ?? RunTimes.Lost);
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
