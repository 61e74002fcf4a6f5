using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Architecture;

namespace Orca.Tests.Facade;

/// <summary>The ten lines that docs/library.md and the README of each package begin with.</summary>
[TestFixture]
[NonParallelizable]
internal sealed partial class QuickStartTests
{
    /// <summary>A package was built with an older version of another: every SDK project ignores that.</summary>
    private const string Unified = "CS1701";

    [TestCase("packages/Orca.Registry.md")]
    [TestCase("packages/Orca.Testing.NUnit.md")]
    [TestCase("packages/Orca.Testing.Xunit.md")]
    public async Task FirstLinesOfAReadme_Compile(string document) => Compile(await FirstLinesAsync(document));

    [TestCase("library.md", "hello\n")]
    [TestCase("packages/Orca.Core.md", "hello\n")]
    [TestCase("packages/Orca.Sandbox.md", "hello\n")]
    [TestCase("packages/Orca.Testing.md", "exit status 2\ndocker.io/library/gcc:latest\n")]
    public async Task FirstLinesOfTheDocumentation_CompileAndRun(string document, string output)
    {
        var program = Compile(await FirstLinesAsync(document));

        using var real = new RealOrca();
        await real.Services.GetRequiredService<IImageLoader>().LoadAsync(
            new LoadRequest { Location = ImageLocation.OfPath(Path.Combine(real.StoreRoot, "../rootfs")), Name = ImageReference.Parse("alpine") }, progress: null, CancellationToken.None);
        var (before, console, written) = (Environment.GetEnvironmentVariable("ORCA_ROOT"), Console.Out, new StringWriter());
        try
        {
            Environment.SetEnvironmentVariable("ORCA_ROOT", real.StoreRoot);
            Console.SetOut(written);
            program.EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
            Environment.SetEnvironmentVariable("ORCA_ROOT", before);
        }

        Assert.That(written.ToString(), Is.EqualTo(output));
    }

    private static async Task<string> FirstLinesAsync(string document)
    {
        var code = FirstBlock().Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", document))).Groups[1].Value;
        Assert.That(code.Split('\n'), Has.Length.InRange(2, 10));
        return code;
    }

    private static Assembly Compile(string code)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "quickstart", [CSharpSyntaxTree.ParseText(code), CSharpSyntaxTree.ParseText("global using System; global using System.Collections.Generic; global using System.Linq; global using System.Threading.Tasks;")],
            references, new CSharpCompilationOptions(code.Contains("class ", StringComparison.Ordinal) ? OutputKind.DynamicallyLinkedLibrary : OutputKind.ConsoleApplication));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.That(result.Diagnostics.Where(static one => one.Severity >= DiagnosticSeverity.Warning && one.Id != Unified), Is.Empty);
        return Assembly.Load(image.ToArray());
    }

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex FirstBlock();
}
