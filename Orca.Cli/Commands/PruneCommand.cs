using System.Globalization;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca system prune</c>, and <c>orca prune</c> for short.</summary>
internal sealed class PruneCommand(string name) : Command
{
    private static readonly Option s_unfinished = new('a', "all", null, "Also layers that an interrupted pull would resume from");
    private static readonly Option s_force = new('f', "force", null, "Accepted; nothing is asked");

    private readonly CommandSyntax _syntax = new()
    {
        Name = name,
        Usage = ["[OPTIONS]"],
        Summary = "Delete what nothing refers to, and say what and how much.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_unfinished, s_force, JsonOutput.Format, AcceptedSyntax.Take(null, "volumes", null, "volumes stay")],
        Remarks = """
            Deleted are images without a name that no container is made of, and what processes left that died: runs,
            pulls and removals half done, fetched layers of images that are complete, locks. Images that have a name
            and containers that are kept always stay, and so does everything that another process is working with.
            """,
        Examples = [(name, "safe at any time"), ($"{name} --format json", "for programs")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => _syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = JsonOutput.IsAsked(arguments);
        var report = context.Get<IStoreUpkeep>().Prune(new PruneOptions { Unfinished = arguments.IsOn(s_unfinished) });
        context.Out.Write(json ? Json(report) : Text(report));
        DamageNotes.Write(context);
        foreach (var failure in report.Failures)
        {
            ErrorReport.Print(new StoreException($"cannot delete all of it: {failure}"), context.Error, context.Global);
        }

        return report.Failures.Count == 0 ? 0 : ErrorReport.Failed;
    }

    private static string Text(PruneReport report)
    {
        var lines = new List<string>();
        lines.AddRange(report.Images.Select(static digest => $"deleted image {digest}"));
        lines.AddRange(report.Containers.Select(static container => $"deleted container {container}"));
        Add(lines, report.Parts, "fetched layer");
        Add(lines, report.Leftovers, "leftover");
        Add(lines, report.Locks, "lock");
        lines.Add(lines.Count == 0 ? "nothing to delete" : $"freed {Amount.Bytes(report.Bytes)}");
        return string.Concat(lines.Select(static line => line + "\n"));
    }

    private static void Add(List<string> lines, int count, string what)
    {
        if (count > 0)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"deleted {count} {what}{(count == 1 ? string.Empty : "s")}"));
        }
    }

    private static string Json(PruneReport report) => JsonOutput.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("images");
        foreach (var digest in report.Images)
        {
            writer.WriteStringValue(digest.ToString());
        }

        writer.WriteEndArray();
        writer.WriteStartArray("containers");
        foreach (var container in report.Containers)
        {
            writer.WriteStringValue(container);
        }

        writer.WriteEndArray();
        writer.WriteNumber("parts", report.Parts);
        writer.WriteNumber("leftovers", report.Leftovers);
        writer.WriteNumber("locks", report.Locks);
        writer.WriteNumber("bytes", report.Bytes);
        writer.WriteEndObject();
    });
}
