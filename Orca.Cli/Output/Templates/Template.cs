using System.Text;
using System.Text.Json;
using Orca.Core.Errors;

namespace Orca.Cli.Output.Templates;

/// <summary>A template of Go's text/template, as docker's and podman's <c>--format</c> take it, over the tree of values that JSON is written from.</summary>
/// <remarks>
/// What it may cost is bounded: the length of the template, its depth, the number of steps and the length of the text. There are no definitions, no methods and no functions but those
/// of <see cref="TemplateFunctions"/>.
/// </remarks>
internal sealed class Template
{
    private const int Longest = 64 << 10, MostText = 64 << 20, MostSteps = 2_000_000;
    private static readonly string[] s_maps = ["Labels", "Annotations", "Options", "Volumes", "ExposedPorts", "Ports", "Networks", "PortBindings", "Sysctls"];

    private readonly string _source;
    private readonly List<TemplateNode> _nodes;
    private readonly List<(string Name, object? Value)> _variables = [];
    private readonly StringBuilder _text = new();
    private object? _root;
    private int _steps;

    private Template(string source, List<TemplateNode> nodes) => (_source, _nodes) = (source, nodes);

    /// <summary>True: what foreign text could do to a terminal is escaped.</summary>
    public bool IsForTerminal { get; init; }

    /// <summary>Reads a template. <c>\t</c> and <c>\n</c> outside of quotes are a tab and a line feed, as in docker.</summary>
    /// <exception cref="ReferenceException">It is too long, or has a form that orca does not know.</exception>
    public static Template Parse(string source, bool isForTerminal = false)
    {
        try
        {
            return source.Length > Longest
                ? throw new TemplateException("it is too long")
                : new Template(source, TemplateParser.Parse(source.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal))) { IsForTerminal = isForTerminal };
        }
        catch (TemplateException e)
        {
            throw Wrong(source, e);
        }
    }

    /// <summary>Whether the template itself goes over the rows: <c>{{range .}}...</c>.</summary>
    public bool TakesAll => _nodes is [TemplateNode.Block { Kind: "range", Pipeline.Commands: [[{ IsDot: true, Fields.Count: 0 }]] }, ..];

    /// <summary>Fills it in.</summary>
    /// <exception cref="ReferenceException">It names a field that is not there, or gives a function what it cannot take.</exception>
    public string Fill(JsonElement root)
    {
        _text.Clear();
        _variables.Clear();
        _steps = 0;
        _root = TemplateValue.Of(root);
        try
        {
            Write(_nodes, _root);
            return _text.ToString();
        }
        catch (TemplateException e)
        {
            throw Wrong(_source, e);
        }
    }

    private static ReferenceException Wrong(string source, TemplateException e) => new($"cannot use format '{Quoted.Text(source.Length > 200 ? source[..200] + "…" : source)}': {Quoted.Text(e.Message)}");

    private void Write(List<TemplateNode> nodes, object? dot)
    {
        var variables = _variables.Count;
        foreach (var node in nodes)
        {
            Step();
            switch (node)
            {
                case TemplateNode.Text text:
                    _text.Append(text.Value);
                    break;
                case TemplateNode.Print { Pipeline: { Variables.Count: > 0 } pipeline }:
                    _variables.Add((pipeline.Variables[^1], Value(pipeline, dot)));
                    break;
                case TemplateNode.Print print:
                    _text.Append(Printable(TemplateValue.Text(Value(print.Pipeline, dot))));
                    break;
                case TemplateNode.Block block:
                    Write(block, dot);
                    break;
            }
        }

        _variables.RemoveRange(variables, _variables.Count - variables);
    }

    private string Printable(string text) => !IsForTerminal || !text.Any(IsUnsafe) ? text
        : string.Concat(text.Select(static character => IsUnsafe(character) ? $"\\u{(int)character:x4}" : character.ToString()));

    private static bool IsUnsafe(char character) => (char.IsControl(character) && character is not ('\t' or '\n')) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private void Write(TemplateNode.Block block, object? dot)
    {
        var value = Value(block.Pipeline, dot);
        var variables = _variables.Count;
        if (block.Kind != "range")
        {
            _variables.AddRange(block.Pipeline.Variables.Select(name => (name, value)));
            Write(TemplateValue.IsTrue(value) ? block.Then : block.Else, block.Kind == "with" && TemplateValue.IsTrue(value) ? value : dot);
        }
        else
        {
            var any = false;
            foreach (var (key, member) in TemplateValue.Members(value))
            {
                any = true;
                if (block.Pipeline.Variables is [.. var keys, var last])
                {
                    _variables.AddRange(keys.Select(name => (name, key)));
                    _variables.Add((last, member));
                }

                Write(block.Then, member);
                _variables.RemoveRange(variables, _variables.Count - variables);
            }

            if (!any)
            {
                Write(block.Else, dot);
            }
        }

        _variables.RemoveRange(variables, _variables.Count - variables);
    }

    private object? Value(TemplatePipeline pipeline, object? dot)
    {
        object? value = null;
        for (var i = 0; i < pipeline.Commands.Count; i++)
        {
            var command = pipeline.Commands[i];
            Step();
            if (command[0].Function is not { } function)
            {
                value = command.Count == 1 && i == 0 ? Value(command[0], dot) : throw new TemplateException("a value is called like a function");
                continue;
            }

            var values = command.Skip(1).Select(operand => Value(operand, dot)).ToList();
            if (i > 0)
            {
                values.Add(value);
            }

            value = TemplateFunctions.Call(function, Ordered(function, values, isPiped: i > 0));
        }

        return value;
    }

    /// <summary>Go hands a piped value on as the last argument: <c>split</c> and <c>join</c> take the separator last, so that the order stays as it is typed.</summary>
    private static List<object?> Ordered(string function, List<object?> values, bool isPiped) =>
        function == "join" && isPiped && values is [string, not string] ? [values[1], values[0]] : values;

    private object? Value(TemplateOperand operand, object? dot)
    {
        var value = operand switch
        {
            { Function: { } function } => TemplateFunctions.Call(function, []),
            { Inner: { } inner } => Value(inner, dot),
            { Variable: "" } => _root,
            { Variable: { } name } => Variable(name),
            { IsDot: true } => dot,
            _ => operand.Constant,
        };
        var isMap = false;
        foreach (var field in operand.Fields)
        {
            value = TemplateValue.Field(value, field, isMap);
            isMap = s_maps.Contains(field, StringComparer.OrdinalIgnoreCase);
        }

        return value;
    }

    private object? Variable(string name)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
            {
                return _variables[i].Value;
            }
        }

        throw new TemplateException($"there is no variable '${name}'");
    }

    private void Step()
    {
        if (++_steps > MostSteps || _text.Length > MostText)
        {
            throw new TemplateException("its result is too long");
        }
    }
}
