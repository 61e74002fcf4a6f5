using System.Text;

namespace Orca.Cli.Output.Templates;

/// <summary>The kinds of <see cref="TemplateToken"/>.</summary>
internal enum TemplateTokenKind
{
    /// <summary>Text that is printed as it is.</summary>
    Text,

    /// <summary>The beginning of an action.</summary>
    Open,

    /// <summary>The end of an action.</summary>
    Close,

    /// <summary>A function's name or a keyword.</summary>
    Word,

    /// <summary>A field, as in <c>.Name</c>; the text is the name, empty for the dot alone.</summary>
    Field,

    /// <summary>A variable, as in <c>$name</c>; the text is the name without the dollar.</summary>
    Variable,

    /// <summary>A quoted text, taken apart.</summary>
    String,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of <c>( ) | , := =</c>.</summary>
    Sign,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="AfterSpace">Whether white space is before it: <c>$x .Name</c> is two operands, <c>$x.Name</c> is one.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, bool AfterSpace);

/// <summary>Takes a template of Go's text/template apart.</summary>
internal static class TemplateLexer
{
    private const string Opening = "{{", Closing = "}}";

    /// <summary>Returns the pieces, with an end.</summary>
    /// <exception cref="TemplateException">An action does not end, or holds what no action can.</exception>
    public static List<TemplateToken> Read(string template)
    {
        var tokens = new List<TemplateToken>();
        var trims = false;
        for (var at = 0; at < template.Length;)
        {
            var open = template.IndexOf(Opening, at, StringComparison.Ordinal);
            var text = open < 0 ? template[at..] : template[at..open];
            text = trims ? text.TrimStart(' ', '\t', '\r', '\n') : text;
            trims = false;
            at = open < 0 ? template.Length : open + 2;
            if (open >= 0 && IsTrim(template, at))
            {
                text = text.TrimEnd(' ', '\t', '\r', '\n');
                at++;
            }

            if (text.Length > 0)
            {
                tokens.Add(new TemplateToken(TemplateTokenKind.Text, text, false));
            }

            if (open >= 0)
            {
                (at, trims) = ReadAction(template, at, tokens);
            }
        }

        tokens.Add(new TemplateToken(TemplateTokenKind.End, "the end", false));
        return tokens;
    }

    private static bool IsTrim(string template, int at) => at + 1 < template.Length && template[at] == '-' && char.IsWhiteSpace(template[at + 1]);

    private static (int End, bool Trims) ReadAction(string template, int at, List<TemplateToken> tokens)
    {
        if (template.AsSpan(at).TrimStart().StartsWith("/*"))
        {
            var end = template.IndexOf("*/", at, StringComparison.Ordinal);
            var close = end < 0 ? -1 : template.IndexOf(Closing, end, StringComparison.Ordinal);
            return close < 0 ? throw new TemplateException("a comment does not end") : (close + 2, template.AsSpan(end + 2, close - end - 2).TrimStart().StartsWith("-"));
        }

        tokens.Add(new TemplateToken(TemplateTokenKind.Open, Opening, false));
        var space = false;
        while (at < template.Length)
        {
            var character = template[at];
            if (char.IsWhiteSpace(character))
            {
                space = true;
                at++;
                continue;
            }

            var trims = space && character == '-' && template.AsSpan(at + 1).StartsWith(Closing);
            if (trims || template.AsSpan(at).StartsWith(Closing))
            {
                tokens.Add(new TemplateToken(TemplateTokenKind.Close, Closing, space));
                return (at + (trims ? 3 : 2), trims);
            }

            var start = at;
            var (kind, text) = character switch
            {
                '"' or '\'' => (TemplateTokenKind.String, Quoted(template, ref at)),
                '`' => (TemplateTokenKind.String, Raw(template, ref at)),
                '.' => (TemplateTokenKind.Field, Name(template, ref at)),
                '$' => (TemplateTokenKind.Variable, Name(template, ref at)),
                '(' or ')' or '|' or ',' or '=' => (TemplateTokenKind.Sign, One(template, ref at, 1)),
                ':' when template.AsSpan(at).StartsWith(":=") => (TemplateTokenKind.Sign, One(template, ref at, 2)),
                '-' or '+' or (>= '0' and <= '9') => (TemplateTokenKind.Number, Number(template, ref at)),
                _ when char.IsAsciiLetter(character) || character == '_' => (TemplateTokenKind.Word, Word(template, ref at)),
                _ => throw new TemplateException($"'{character}' has no meaning there"),
            };
            if (at == start)
            {
                throw new TemplateException($"'{character}' has no meaning there");
            }

            tokens.Add(new TemplateToken(kind, text, space));
            space = false;
        }

        throw new TemplateException($"an action does not end: '{Closing}' is missing");
    }

    private static string One(string template, ref int at, int length)
    {
        at += length;
        return template[(at - length)..at];
    }

    private static string Word(string template, ref int at)
    {
        var start = at;
        while (at < template.Length && (char.IsLetterOrDigit(template[at]) || template[at] == '_'))
        {
            at++;
        }

        return template[start..at];
    }

    private static string Name(string template, ref int at)
    {
        at++;
        return Word(template, ref at);
    }

    private static string Number(string template, ref int at)
    {
        var start = at++;
        while (at < template.Length && (char.IsAsciiDigit(template[at]) || template[at] == '.'))
        {
            at++;
        }

        return template[start..at];
    }

    private static string Raw(string template, ref int at)
    {
        var end = template.IndexOf('`', at + 1);
        var text = end < 0 ? throw new TemplateException("a quoted text does not end") : template[(at + 1)..end];
        at = end + 1;
        return text;
    }

    private static string Quoted(string template, ref int at)
    {
        var quote = template[at++];
        var text = new StringBuilder();
        for (; at < template.Length && template[at] != quote; at++)
        {
            if (template[at] != '\\' || at + 1 == template.Length)
            {
                text.Append(template[at]);
                continue;
            }

            at++;
            text.Append(template[at] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '"' or '\'' => template[at],
                var other => throw new TemplateException($"'\\{other}' has no meaning in a quoted text"),
            });
        }

        return at++ < template.Length ? text.ToString() : throw new TemplateException("a quoted text does not end");
    }
}

/// <summary>A template is not understood, or cannot be filled in; the message is the cause alone.</summary>
internal sealed class TemplateException(string message) : Exception(message);
