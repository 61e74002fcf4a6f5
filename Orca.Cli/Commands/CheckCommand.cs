using System.Globalization;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca system check</c>.</summary>
internal sealed class CheckCommand : Command
{
    private const int Damaged = 1;

    private static readonly Option s_quick = new('q', "quick", null, "Do not read the content of files");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca system check",
        Usage = ["[OPTIONS]"],
        Summary = "Hold everything in the store against its records, and say what is damaged.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_quick, JsonOutput.Format],
        Remarks = """
            Nothing is changed. Of each image, manifest and config are compared with their digests, and every file of its
            tree with what it was when the image was published: kind, mode, size, time, and content by a checksum.
            The exit status is 0 when all is sound, 1 when something is damaged, 125 when orca failed.
            """,
        Examples = [("orca system check", "all of it; reads every file once"), ("orca system check --quick", "misses only flipped bits")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = JsonOutput.IsAsked(arguments);
        using var interruption = new Interruption();
        StoreReport report;
        try
        {
            report = context.Get<IStoreUpkeep>().Check(new CheckOptions { Quick = arguments.IsOn(s_quick) }, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            throw new InterruptedException(interruption.ExitStatus);
        }

        report = report with { Findings = [.. report.Findings.Select(finding => finding with { Repair = finding.Repair is { } repair ? context.Complete(repair) : null })] };
        context.Out.Write(json ? Json(report) : Text(report));
        return report.IsDamaged ? Damaged : 0;
    }

    private static string Text(StoreReport report)
    {
        var lines = new List<string>();
        foreach (var finding in report.Findings)
        {
            lines.Add($"{(finding.Damage ? "damaged" : "note")}: {finding.What}: {finding.Problem}");
        }

        lines.AddRange(report.Findings.Where(static finding => finding is { Damage: true, Repair: not null }).Select(static finding => $"repair: {finding.Repair}").Distinct());
        var damaged = report.Findings.Where(static finding => finding.Damage).Select(static finding => finding.What).Distinct().Count();
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"checked {report.Images} image{(report.Images == 1 ? string.Empty : "s")}, {report.Entries} names: {(damaged == 0 ? "all sound" : $"{damaged} damaged")}"));
        return string.Concat(lines.Select(static line => line + "\n"));
    }

    private static string Json(StoreReport report) => JsonOutput.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("images", report.Images);
        writer.WriteNumber("entries", report.Entries);
        writer.WriteBoolean("damaged", report.IsDamaged);
        writer.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            writer.WriteStartObject();
            writer.WriteBoolean("damage", finding.Damage);
            writer.WriteString("what", finding.What);
            writer.WriteString("problem", finding.Problem);
            writer.WriteString("repair", finding.Repair);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
