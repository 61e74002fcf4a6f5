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

/// <summary>The ten lines that docs/library.md begins with.</summary>
[TestFixture]
[NonParallelizable]
internal sealed partial class QuickStartTests
{
    [Test]
    public async Task FirstLinesOfTheDocumentation_CompileAndRun()
    {
        var code = FirstBlock().Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/library.md"))).Groups[1].Value;
        Assert.That(code.Split('\n'), Has.Length.LessThanOrEqualTo(10));
        var program = Compile(code);

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

        Assert.That(written.ToString(), Is.EqualTo("hello\n"));
    }

    private static Assembly Compile(string code)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "quickstart", [CSharpSyntaxTree.ParseText(code), CSharpSyntaxTree.ParseText("global using System; global using System.Threading.Tasks;")],
            references, new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.That(result.Diagnostics.Where(static one => one.Severity >= DiagnosticSeverity.Warning), Is.Empty);
        return Assembly.Load(image.ToArray());
    }

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex FirstBlock();
}
