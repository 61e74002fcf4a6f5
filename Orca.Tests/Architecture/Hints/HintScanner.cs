using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Orca.Tests.Architecture.Hints;

/// <summary>A text that the product can print as a hint.</summary>
/// <param name="File">The source that has it.</param>
/// <param name="IsPart">True when it is only ever filled into another text.</param>
internal sealed record FoundHint(string File, bool IsPart);

/// <summary>Finds every text that the product can print as a hint: what reaches a parameter or property called hint, cure or repair, through constants, methods and properties.</summary>
/// <remarks>By what the compiler knows and not by the look of the lines, so that a new hint cannot be written in a way that is overlooked.</remarks>
internal sealed class HintScanner
{
    private static readonly HashSet<string> s_names = ["hint", "Hint", "cure", "Cure", "repair", "Repair"];

    private readonly SortedDictionary<string, FoundHint> _found = new(StringComparer.Ordinal);
    private readonly HashSet<ISymbol> _seen = new(SymbolEqualityComparer.Default);
    private readonly CSharpCompilation _compilation;

    private readonly HashSet<string> _methods; // by name alone, so that only calls that can matter are bound
    private int _around; // texts that the one that is looked at is filled into

    private HintScanner(CSharpCompilation compilation)
    {
        _compilation = compilation;
        _methods = [.. compilation.SyntaxTrees.SelectMany(static tree => tree.GetRoot().DescendantNodes().OfType<ParameterSyntax>())
            .Where(static parameter => s_names.Contains(parameter.Identifier.Text))
            .Select(static parameter => parameter.Parent?.Parent switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                LocalFunctionStatementSyntax function => function.Identifier.Text,
                _ => string.Empty,
            })];
    }

    /// <summary>Returns the hints, with <c>{}</c> for what is filled in.</summary>
    /// <param name="sources">Paths and texts of the product's sources.</param>
    /// <param name="references">What they are compiled against.</param>
    public static IReadOnlyDictionary<string, FoundHint> Scan(IEnumerable<(string Path, string Text)> sources, IEnumerable<string> references)
    {
        const string usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, options, source.Path)).Append(CSharpSyntaxTree.ParseText(usings, options)).ToList();
        var compilation = CSharpCompilation.Create(
            "hints", trees, references.Select(path => MetadataReference.CreateFromFile(path)), new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true));
        var scanner = new HintScanner(compilation);
        foreach (var tree in trees)
        {
            scanner.Scan(tree);
        }

        return scanner._found;
    }

    private void Scan(SyntaxTree tree)
    {
        var model = _compilation.GetSemanticModel(tree);
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            switch (node)
            {
                case BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: > 1 } creation:
                    Arguments(creation.ArgumentList!.Arguments, model.GetSymbolInfo(creation).Symbol, model);
                    break;
                case InvocationExpressionSyntax { ArgumentList.Arguments.Count: > 1 } call when _methods.Contains(NameOf(call.Expression)):
                    Arguments(call.ArgumentList.Arguments, model.GetSymbolInfo(call).Symbol, model);
                    break;
                case BaseTypeSyntax { } and PrimaryConstructorBaseTypeSyntax parent:
                    Arguments(parent.ArgumentList.Arguments, model.GetSymbolInfo(parent).Symbol, model);
                    break;
                case ConstructorInitializerSyntax initializer:
                    Arguments(initializer.ArgumentList.Arguments, model.GetSymbolInfo(initializer).Symbol, model);
                    break;
                case AssignmentExpressionSyntax { Left: DeclarationExpressionSyntax { Designation: ParenthesizedVariableDesignationSyntax variables } } assignment:
                    foreach (var hint in variables.Variables.OfType<SingleVariableDesignationSyntax>().Where(static one => one.Identifier.Text == "hint"))
                    {
                        Declaration(model.GetDeclaredSymbol(hint));
                    }

                    break;
                case AssignmentExpressionSyntax { Left: IdentifierNameSyntax name } assignment when s_names.Contains(name.Identifier.Text):
                    Value(assignment.Right, model);
                    break;
            }
        }
    }

    private static string NameOf(ExpressionSyntax called) => called switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.Text,
        SimpleNameSyntax name => name.Identifier.Text,
        _ => string.Empty,
    };

    private void Arguments(SeparatedSyntaxList<ArgumentSyntax> arguments, ISymbol? called, SemanticModel model)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var parameter = called is not IMethodSymbol method ? null
                : arguments[i].NameColon is { } named ? method.Parameters.FirstOrDefault(one => one.Name == named.Name.Identifier.Text) : method.Parameters.ElementAtOrDefault(i);
            if (parameter is not null && s_names.Contains(parameter.Name))
            {
                Value(arguments[i].Expression, model);
            }
        }
    }

    /// <summary>All texts that the expression can have as its value.</summary>
    private void Value(ExpressionSyntax expression, SemanticModel model)
    {
        switch (expression)
        {
            case LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression):
                Add(literal.Token.ValueText, literal);
                break;
            case InterpolatedStringExpressionSyntax text:
                Add(string.Concat(text.Contents.Select(static part => part is InterpolatedStringTextSyntax plain ? plain.TextToken.ValueText : "{}")), text);
                Parts(text.Contents.OfType<InterpolationSyntax>().Select(static hole => hole.Expression), model);
                break;
            case ParenthesizedExpressionSyntax inner:
                Value(inner.Expression, model);
                break;
            case ConditionalExpressionSyntax choice:
                Value(choice.WhenTrue, model);
                Value(choice.WhenFalse, model);
                break;
            case SwitchExpressionSyntax choice:
                foreach (var arm in choice.Arms)
                {
                    Value(arm.Expression, model);
                }

                break;
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum:
                Parts([sum.Left, sum.Right], model);
                break;
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } pair:
                Value(pair.Left, model);
                Value(pair.Right, model);
                break;
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Create" or "Concat" } } build:
                Parts(build.ArgumentList.Arguments.Select(static argument => argument.Expression), model);
                break;
            case InvocationExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax:
                Declaration(model.GetSymbolInfo(expression).Symbol);
                break;
        }
    }

    /// <summary>Texts that become parts of another.</summary>
    private void Parts(IEnumerable<ExpressionSyntax> parts, SemanticModel model)
    {
        _around++;
        foreach (var part in parts)
        {
            Value(part, model);
        }

        _around--;
    }

    private void Declaration(ISymbol? symbol)
    {
        if (symbol is null or IParameterSymbol || !_seen.Add(symbol))
        {
            return;
        }

        foreach (var node in symbol.DeclaringSyntaxReferences.Select(static reference => reference.GetSyntax()))
        {
            var model = _compilation.GetSemanticModel(node.SyntaxTree);
            var bodies = node switch
            {
                VariableDeclaratorSyntax { Initializer.Value: { } value } => [value],
                MethodDeclarationSyntax { ExpressionBody.Expression: { } value } => [value],
                PropertyDeclarationSyntax { ExpressionBody.Expression: { } value } => [value],
                MethodDeclarationSyntax { Body: { } body } => body.DescendantNodes().OfType<ReturnStatementSyntax>().Select(static one => one.Expression!),
                SingleVariableDesignationSyntax { Parent.Parent: DeclarationExpressionSyntax { Parent: AssignmentExpressionSyntax { Right: { } value } } } => Elements(value, node),
                _ => Enumerable.Empty<ExpressionSyntax>(),
            };
            foreach (var body in bodies)
            {
                Value(body, model);
            }
        }
    }

    /// <summary>Of <c>var (cause, hint) = ...</c> the elements of the variable's place.</summary>
    private static IEnumerable<ExpressionSyntax> Elements(ExpressionSyntax value, SyntaxNode variable)
    {
        var place = ((ParenthesizedVariableDesignationSyntax)variable.Parent!).Variables.IndexOf((VariableDesignationSyntax)variable);
        return value.DescendantNodesAndSelf().OfType<TupleExpressionSyntax>().Select(tuple => tuple.Arguments[place].Expression);
    }

    private void Add(string text, SyntaxNode node)
    {
        if (text.Any(char.IsLetter))
        {
            _found[text] = new FoundHint(node.SyntaxTree.FilePath, IsPart: _around > 0 && (!_found.TryGetValue(text, out var known) || known.IsPart));
        }
    }
}
