using System.Text;
using Orca.Cli.Parsing;

namespace Orca.Cli.Commands;

/// <summary><c>orca man [COMMAND]</c>: prints the page of a command in the language of man(7), from the same tables as its help.</summary>
internal sealed class ManCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca man",
        Usage = ["[COMMAND]"],
        Summary = "Print a manual page, for man(1).",
        Argument = "COMMAND",
        AtMost = 1,
        Interspersed = true,
        Examples = [("orca man run | man -l -", "read it"), ("orca man run > ~/.local/share/man/man1/orca-run.1", "keep it: 'man orca-run' finds it")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        context.Out.Write(arguments.Positionals.Count == 0 ? Page(RootSyntax.Syntax, isRoot: true) : Page(CommandTable.Find(arguments.Positionals[0]).Syntax, isRoot: false));
        return 0;
    }

    /// <summary>Returns the page.</summary>
    /// <param name="syntax">The command.</param>
    /// <param name="isRoot">True for orca itself, whose page lists the commands.</param>
    internal static string Page(CommandSyntax syntax, bool isRoot)
    {
        var name = syntax.Name.Replace(' ', '-');
        var text = new StringBuilder($".TH {name.ToUpperInvariant()} 1 \"\" \"orca {VersionCommand.Number}\" \"orca\"\n.SH NAME\n");
        text.Append(Plain(name)).Append(" \\- ").Append(Plain(syntax.Summary.TrimEnd('.'))).Append("\n.SH SYNOPSIS\n");
        foreach (var usage in syntax.Usage)
        {
            text.Append(".B ").Append(Plain(syntax.Name)).Append('\n').Append(Line(usage)).Append("\n.br\n");
        }

        if (isRoot)
        {
            text.Append(".SH COMMANDS\n");
            foreach (var command in CommandTable.Names)
            {
                text.Append(".TP\n.BR orca\\-").Append(Plain(command)).Append(" (1)\n").Append(Line(CommandTable.Find(command).Syntax.Summary)).Append('\n');
            }
        }

        AppendOptions(text, "OPTIONS", [.. syntax.Options, .. CommonOptions.All]);
        foreach (var (title, options) in syntax.Groups)
        {
            AppendOptions(text, title.ToUpperInvariant(), options);
        }

        if (syntax.Remarks is { } remarks)
        {
            text.Append(".SH NOTES\n.nf\n");
            foreach (var line in remarks.Split('\n'))
            {
                text.Append(Line(line)).Append('\n');
            }

            text.Append(".fi\n");
        }

        if (syntax.Examples.Length > 0)
        {
            text.Append(".SH EXAMPLES\n");
            foreach (var (line, meaning) in syntax.Examples)
            {
                text.Append(".TP\n.B ").Append(Plain(line)).Append('\n').Append(Line(meaning)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static void AppendOptions(StringBuilder text, string title, Option[] options)
    {
        if (options.All(static option => option.IsHidden))
        {
            return;
        }

        text.Append(".SH \"").Append(Plain(title)).Append("\"\n");
        foreach (var option in options.Where(static option => !option.IsHidden))
        {
            var value = option.Value is null ? string.Empty : option.Otherwise is null ? " " + option.Value : $"[={option.Value}]";
            text.Append(".TP\n.B ").Append(Plain((option.Short is { } letter ? $"-{letter}, --" : "--") + option.Name + value)).Append('\n').Append(Line(option.Help)).Append('\n');
        }
    }

    /// <summary>A line that begins with a dot or a quote would be a request.</summary>
    private static string Line(string text) => text is ['.' or '\'', ..] ? "\\&" + Plain(text) : Plain(text);

    private static string Plain(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
}
