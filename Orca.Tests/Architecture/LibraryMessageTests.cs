using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;
using Orca.Core.Errors;

namespace Orca.Tests.Architecture;

/// <summary>What an exception says to a program that embeds orca: command lines of orca mean nothing there, and are in the hint, which the command line prints.</summary>
public sealed class LibraryMessageTests
{
    private static readonly string[] s_libraries = ["Orca.Core/", "Orca.Registry/", "Orca.Sandbox/"];

    [Test]
    public void Message_OfNoLibrary_HasACommandLineOfOrca()
    {
        var (seen, wrong) = (0, new List<string>());
        foreach (var path in Repository.Sources(".cs").Where(static path => s_libraries.Any(path.StartsWith)))
        {
            var root = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Repository.Root, path))).GetRoot();
            foreach (var message in root.DescendantNodes().OfType<BaseObjectCreationExpressionSyntax>().Select(static one => one.ArgumentList?.Arguments.FirstOrDefault()?.Expression))
            {
                var text = message is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax or BinaryExpressionSyntax or ConditionalExpressionSyntax ? message.ToString() : string.Empty;
                seen += text.Contains("cannot ", StringComparison.Ordinal) ? 1 : 0;
                if (text.Contains("'orca ", StringComparison.Ordinal))
                {
                    wrong.Add($"{path}: {text}");
                }
            }
        }

        Assert.That(seen, Is.GreaterThan(150), "the messages are found");
        Assert.That(wrong, Is.Empty);
    }

    [TestCase("fetch it with 'orca pull alpine'", null)]
    [TestCase("run with --pid host", null)]
    [TestCase("leave out '-t' when input comes from a file or pipe", null)]
    [TestCase("rename or remove it first", "rename or remove it first")]
    [TestCase(null, null)]
    public void Advice_IsTheHint_WhereThatIsNoCommandLine(string? hint, string? advice) => Assert.That(new StoreException("cannot do it", hint).Advice, Is.EqualTo(advice));
}
