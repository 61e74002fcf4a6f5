using System.Globalization;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
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
        var containers = context.Get<IContainerStore>().List().Where(container => all || container.ProcessId is not null).ToList();
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
        var table = new Table("NAME", "IMAGE", "CREATED", "STATUS") { LeastImportant = ["CREATED"] };
        foreach (var container in containers)
        {
            var status = container.ProcessId is { } id ? string.Create(CultureInfo.InvariantCulture, $"running, process {id}") : "kept";
            table.Add(container.Record.Name, StoredImages.Shown(container.Record.Image, whole), Amount.Ago(now - container.Record.Created), status);
        }

        foreach (var name in damaged)
        {
            table.Add(name, "-", "-", "damaged");
        }

        return table;
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
        writer.WriteBoolean("running", container.ProcessId is not null);
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
