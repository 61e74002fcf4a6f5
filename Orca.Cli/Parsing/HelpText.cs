using System.Text;

namespace Orca.Cli.Parsing;

/// <summary>Writes the help of a command from its table.</summary>
internal static class HelpText
{
    /// <summary>The whole help, ending with a line feed.</summary>
    public static string Of(CommandSyntax syntax)
    {
        var text = new StringBuilder();
        for (var i = 0; i < syntax.Usage.Length; i++)
        {
            text.Append(i == 0 ? "Usage: " : "       ").Append(syntax.Name).Append(' ').Append(syntax.Usage[i]).Append('\n');
        }

        text.Append('\n').Append(syntax.Summary).Append('\n');
        AppendOptions(text, syntax);
        if (syntax.Remarks is { } remarks)
        {
            text.Append('\n').Append(remarks).Append('\n');
        }

        if (syntax.Examples.Length > 0)
        {
            text.Append("\nExamples:\n");
            AppendColumns(text, syntax.Examples);
        }

        return text.ToString();
    }

    /// <summary>Two columns, the second aligned; a long first entry stands on a line of its own.</summary>
    public static void AppendColumns(StringBuilder text, IReadOnlyList<(string Left, string Right)> rows)
    {
        const int widest = 34;
        var width = 0;
        foreach (var (left, _) in rows)
        {
            width = left.Length <= widest ? Math.Max(width, left.Length) : width;
        }

        foreach (var (left, right) in rows)
        {
            text.Append("  ").Append(left);
            if (left.Length > widest)
            {
                text.Append('\n').Append(' ', width + 4);
            }
            else
            {
                text.Append(' ', width - left.Length + 2);
            }

            text.Append(right).Append('\n');
        }
    }

    private static void AppendOptions(StringBuilder text, CommandSyntax syntax)
    {
        AppendOptions(text, "Options", [.. syntax.Options, .. CommonOptions.All]);
        foreach (var (title, options) in syntax.Groups)
        {
            AppendOptions(text, title, options);
        }
    }

    private static void AppendOptions(StringBuilder text, string title, Option[] options)
    {
        var rows = new List<(string, string)>();
        foreach (var option in options)
        {
            if (!option.IsHidden)
            {
                var value = option.Value is null ? string.Empty : option.Otherwise is null ? " " + option.Value : $"[={option.Value}]";
                rows.Add(((option.Short is { } letter ? $"-{letter}, --" : "    --") + option.Name + value, option.Help));
            }
        }

        if (rows.Count > 0)
        {
            text.Append('\n').Append(title).Append(":\n");
            AppendColumns(text, rows);
        }
    }
}
