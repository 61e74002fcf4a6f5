using System.Text;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Cli.Process;
using Orca.Core.Host;

namespace Orca.Cli.Commands;

/// <summary><c>orca doctor</c>: tries by doing what orca needs of this machine.</summary>
internal sealed class DoctorCommand : Command
{
    private const int Unfit = 1;
    private static readonly Option s_profile = new(null, "apparmor-profile", null, "Print the AppArmor profile that lets this program make user namespaces, and do nothing else");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca doctor",
        Usage = ["[OPTIONS]"],
        Summary = "Try what orca needs of this machine, and say what helps where something does not work.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_profile, JsonOutput.Format],
        Remarks = """
            Each line says 'works', 'fallback' (it does not, and orca does it in another way or goes on without), or 'fails'.
            The exit status is 1 when something fails, else 0.
            """,
        Examples =
        [
            ("orca doctor", "is this machine fit for orca, and if not, why?"),
            ($"orca doctor --apparmor-profile | sudo tee {AppArmorProfile.Path}", "on Ubuntu, for an administrator"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        if (arguments.IsOn(s_profile))
        {
            context.Out.Write(AppArmorProfile.For(Handoff.ProgramPath(context.Environment)));
            return 0;
        }

        return JsonOutput.IsAsked(arguments) ? AsJson(context) : AsText(context);
    }

    private static int AsText(CommandContext context)
    {
        var status = 0;
        foreach (var finding in Findings(context))
        {
            var text = new StringBuilder();
            text.Append(Word(finding.Verdict).PadRight(10)).Append(finding.Subject).Append(": ").Append(finding.Detail).Append('\n');
            if (finding.Cure is { } cure)
            {
                text.Append(' ', 10).Append("cure: ").Append(cure).Append('\n');
            }

            context.Out.Write(text.ToString()); // each at once: a trial may take its time
            status = finding.Verdict == HostVerdict.Fails ? Unfit : status;
        }

        return status;
    }

    private static int AsJson(CommandContext context)
    {
        var findings = Findings(context).ToList();
        context.Out.Write(JsonOutput.Build(writer =>
        {
            writer.WriteStartArray();
            foreach (var finding in findings)
            {
                writer.WriteStartObject();
                writer.WriteString("subject", finding.Subject);
                writer.WriteString("verdict", Word(finding.Verdict));
                writer.WriteString("detail", finding.Detail);
                writer.WriteString("cure", finding.Cure);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }));
        return findings.Exists(static finding => finding.Verdict == HostVerdict.Fails) ? Unfit : 0;
    }

    private static IEnumerable<HostFinding> Findings(CommandContext context)
    {
        using var interruption = new Interruption();
        foreach (var probe in context.Get<IEnumerable<IHostProbe>>())
        {
            foreach (var finding in probe.Examine(interruption.Token))
            {
                yield return finding with { Cure = finding.Cure is { } cure ? context.Complete(cure) : null };
                if (interruption.Token.IsCancellationRequested)
                {
                    throw new InterruptedException(interruption.ExitStatus);
                }
            }
        }
    }

    private static string Word(HostVerdict verdict) => verdict switch
    {
        HostVerdict.Works => "works",
        HostVerdict.Fallback => "fallback",
        _ => "fails",
    };
}
