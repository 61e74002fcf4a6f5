namespace Orca.Cli.Output.Templates;

/// <summary>A part of a template.</summary>
internal abstract record TemplateNode
{
    /// <summary>Text as it is.</summary>
    internal sealed record Text(string Value) : TemplateNode;

    /// <summary>A value that is printed, or put into a variable.</summary>
    internal sealed record Print(TemplatePipeline Pipeline) : TemplateNode;

    /// <summary><c>if</c>, <c>with</c> or <c>range</c>.</summary>
    internal sealed record Block(string Kind, TemplatePipeline Pipeline, List<TemplateNode> Then, List<TemplateNode> Else) : TemplateNode;
}

/// <summary>Values, each handed to the next as its last argument.</summary>
/// <param name="Variables">The variables that get the result, without the dollar.</param>
/// <param name="Commands">The commands, each of at least one operand.</param>
internal sealed record TemplatePipeline(List<string> Variables, List<List<TemplateOperand>> Commands);

/// <summary>A word of a command.</summary>
internal sealed record TemplateOperand
{
    /// <summary>A constant, where it is one.</summary>
    public object? Constant { get; init; }

    /// <summary>A function's name; null when it is something else.</summary>
    public string? Function { get; init; }

    /// <summary>A variable's name, empty for the root; null when it is something else.</summary>
    public string? Variable { get; init; }

    /// <summary>What stands in parentheses; null when it is something else.</summary>
    public TemplatePipeline? Inner { get; init; }

    /// <summary>True when it begins with the dot.</summary>
    public bool IsDot { get; init; }

    /// <summary>The fields that are followed from there.</summary>
    public List<string> Fields { get; } = [];
}
