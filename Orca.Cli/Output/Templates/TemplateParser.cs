using System.Globalization;

namespace Orca.Cli.Output.Templates;

/// <summary>Builds the tree of a template.</summary>
internal sealed class TemplateParser
{
    private const int Deepest = 32;

    private readonly List<TemplateToken> _tokens;
    private int _at;
    private int _depth;

    private TemplateParser(List<TemplateToken> tokens) => _tokens = tokens;

    private TemplateToken Current => _tokens[_at];

    /// <summary>Returns the parts of a template.</summary>
    /// <exception cref="TemplateException">It is not one, or has a form that orca does not know.</exception>
    public static List<TemplateNode> Parse(string template)
    {
        var parser = new TemplateParser(TemplateLexer.Read(template));
        var (nodes, end) = parser.ReadNodes();
        return end.Length == 0 ? nodes : throw new TemplateException($"there is nothing for '{end}' to end");
    }

    /// <summary>Reads up to <c>end</c>, <c>else</c> or the end of the template; the word is taken, its action is not closed for <c>else</c>.</summary>
    private (List<TemplateNode> Nodes, string End) ReadNodes()
    {
        var nodes = new List<TemplateNode>();
        while (Current.Kind != TemplateTokenKind.End)
        {
            var token = Next();
            if (token.Kind == TemplateTokenKind.Text)
            {
                nodes.Add(new TemplateNode.Text(token.Text));
                continue;
            }

            if (Current is { Kind: TemplateTokenKind.Word, Text: "end" or "else" })
            {
                var word = Next().Text;
                if (word == "end")
                {
                    Close();
                }

                return (nodes, word);
            }

            nodes.Add(ReadAction());
        }

        return (nodes, string.Empty);
    }

    private TemplateNode ReadAction()
    {
        switch (Current)
        {
            case { Kind: TemplateTokenKind.Word, Text: "if" or "with" or "range" }:
                return ReadBlock(Next().Text);
            case { Kind: TemplateTokenKind.Word, Text: "define" or "template" or "block" or "break" or "continue" }:
                throw new TemplateException($"'{Current.Text}' is a form that orca does not know");
            default:
                var pipeline = ReadPipeline();
                Close();
                return new TemplateNode.Print(pipeline);
        }
    }

    private TemplateNode.Block ReadBlock(string kind)
    {
        if (++_depth > Deepest)
        {
            throw new TemplateException("it is too deep");
        }

        var pipeline = ReadPipeline();
        Close();
        var (then, end) = ReadNodes();
        List<TemplateNode> otherwise = [];
        if (end == "else")
        {
            if (Current is { Kind: TemplateTokenKind.Word, Text: "if" or "with" })
            {
                otherwise = [ReadBlock(Next().Text)]; // whose end is this one's too
                end = "end";
            }
            else
            {
                Close();
                (otherwise, end) = ReadNodes();
            }
        }

        _depth--;
        return end == "end" ? new TemplateNode.Block(kind, pipeline, then, otherwise) : throw new TemplateException($"'{kind}' has no '{{{{end}}}}'");
    }

    private TemplatePipeline ReadPipeline()
    {
        if (++_depth > Deepest)
        {
            throw new TemplateException("it is too deep");
        }

        var variables = ReadVariables();
        List<List<TemplateOperand>> commands = [[]];
        while (Current is not ({ Kind: TemplateTokenKind.Close or TemplateTokenKind.End or TemplateTokenKind.Text } or { Kind: TemplateTokenKind.Sign, Text: ")" }))
        {
            if (Current is { Kind: TemplateTokenKind.Sign, Text: "|" })
            {
                _at++;
                commands.Add([]);
                continue;
            }

            commands[^1].Add(ReadOperand());
        }

        _depth--;
        return commands.TrueForAll(static command => command.Count > 0) ? new TemplatePipeline(variables, commands) : throw new TemplateException("a value is missing");
    }

    /// <summary><c>$a := </c> or <c>$a, $b := </c>.</summary>
    private List<string> ReadVariables()
    {
        var start = _at;
        var names = new List<string>();
        while (Current.Kind == TemplateTokenKind.Variable)
        {
            names.Add(Next().Text);
            if (Current is { Kind: TemplateTokenKind.Sign, Text: "," })
            {
                _at++;
            }
            else if (Current is { Kind: TemplateTokenKind.Sign, Text: ":=" or "=" })
            {
                _at++;
                return names;
            }
            else
            {
                break;
            }
        }

        _at = start;
        return [];
    }

    private TemplateOperand ReadOperand()
    {
        var token = Next();
        var operand = token switch
        {
            { Kind: TemplateTokenKind.String } => new TemplateOperand { Constant = token.Text },
            { Kind: TemplateTokenKind.Number } => new TemplateOperand { Constant = Number(token.Text) },
            { Kind: TemplateTokenKind.Word, Text: "true" or "false" } => new TemplateOperand { Constant = token.Text == "true" },
            { Kind: TemplateTokenKind.Word, Text: "nil" } => new TemplateOperand(),
            { Kind: TemplateTokenKind.Word } => new TemplateOperand { Function = token.Text },
            { Kind: TemplateTokenKind.Variable } => new TemplateOperand { Variable = token.Text },
            { Kind: TemplateTokenKind.Field } => new TemplateOperand { IsDot = true },
            { Kind: TemplateTokenKind.Sign, Text: "(" } => new TemplateOperand { Inner = ReadPipeline() },
            _ => throw new TemplateException($"'{token.Text}' has no meaning there"),
        };
        if (token is { Kind: TemplateTokenKind.Sign })
        {
            if (Next() is not { Kind: TemplateTokenKind.Sign, Text: ")" })
            {
                throw new TemplateException("')' is missing");
            }
        }
        else if (token is { Kind: TemplateTokenKind.Field, Text.Length: > 0 })
        {
            operand.Fields.Add(token.Text);
        }

        while (Current is { Kind: TemplateTokenKind.Field, AfterSpace: false, Text.Length: > 0 } && operand is { Function: null, Constant: null })
        {
            operand.Fields.Add(Next().Text);
        }

        return operand;
    }

    private static object Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (object)whole
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : throw new TemplateException($"'{text}' is not a number");

    private TemplateToken Next() => Current.Kind == TemplateTokenKind.End ? throw new TemplateException("it ends in the middle") : _tokens[_at++];

    private void Close()
    {
        if (Next() is { Kind: not TemplateTokenKind.Close } token)
        {
            throw new TemplateException($"'{token.Text}' has no meaning there");
        }
    }
}
