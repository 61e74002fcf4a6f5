using Orca.Cli.Parsing;
using Orca.Cli.Process;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca unit</c>.</summary>
internal sealed class UnitCommand : Command
{
    private static readonly Option s_restart = new(null, "restart", "POLICY", "When systemd starts it again: no, on-failure (default) or always");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca unit",
        Usage = ["[OPTIONS] NAME"],
        Summary = "Print a systemd user unit that runs a kept container at login or boot.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [s_restart],
        Examples =
        [
            ("orca unit web > ~/.config/systemd/user/web.service", "and then: systemctl --user enable --now web"),
            ("loginctl enable-linger", "once, so that it runs without a login"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var name = arguments.Positionals[0];
        var policy = arguments.Last(s_restart) ?? "on-failure";
        if (policy is not ("no" or "on-failure" or "always"))
        {
            throw new ReferenceException($"cannot use option '--restart': '{Quoted.Text(policy)}' is not no, on-failure or always", UsageError.SeeHelp(s_syntax));
        }

        if (context.Get<IContainerStore>().Find(name) is null)
        {
            throw ContainerFailure.Missing("write a unit for", name);
        }

        var program = Escape(Handoff.ProgramPath(context.Environment));
        var root = IsDefault(context) ? string.Empty : $" --root {Escape(context.Get<IStoreMeter>().Locate().Store)}";
        context.Out.Write($"""
            [Unit]
            Description=orca container {name}

            [Service]
            ExecStart={program}{root} start -a {name}
            ExecStop={program}{root} stop {name}
            Restart={policy}
            Delegate=yes

            [Install]
            WantedBy=default.target

            """);
        return 0;
    }

    /// <summary>Whether the store is where orca looks for it without variables: systemd starts a unit without those of this shell.</summary>
    private static bool IsDefault(CommandContext context) =>
        context.Global.Root is null && context.Environment.Find("ORCA_ROOT") is not { Length: > 0 } && context.Environment.Find("XDG_DATA_HOME") is not { Length: > 0 };

    /// <summary>Quotes a word for systemd (systemd.syntax(7)): specifiers, variables, quotes.</summary>
    private static string Escape(string word) =>
        "\"" + word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal) + "\"";
}
