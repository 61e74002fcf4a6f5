using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>Dependencies run Registry -> Core &lt;- Sandbox, and the command line sees all three.</summary>
public sealed class DependencyTests
{
    [TestCase("Orca.Core", "")]
    [TestCase("Orca.Registry", "Orca.Core")]
    [TestCase("Orca.Sandbox", "Orca.Core")]
    [TestCase("Orca.Testing", "Orca.Core")]
    [TestCase("Orca.Testing.NUnit", "Orca.Core,Orca.Registry,Orca.Sandbox")]
    [TestCase("Orca.Testing.Xunit", "Orca.Core,Orca.Registry,Orca.Sandbox")]
    public void Library_SeesOnlyWhatIsBelowIt(string assembly, string allowed)
    {
        var seen = Assembly.Load(assembly).GetReferencedAssemblies().Select(name => name.Name!);
        Assert.That(Ours(seen), Is.SubsetOf(allowed.Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Test]
    public void CommandLine_SeesNoOtherProject()
    {
        var path = Directory.EnumerateFiles(Path.Combine(Repository.Root, "artifacts", "bin", "Orca.Cli"), "orca.dll", SearchOption.AllDirectories)
            .MaxBy(File.GetLastWriteTimeUtc);
        Assert.That(path, Is.Not.Null, "Orca.Cli is not built: build orca.sln");
        Assert.That(Ours(References(path!)), Is.SubsetOf(["Orca.Core", "Orca.Registry", "Orca.Sandbox"]));
    }

    [TestCase("Orca.Core", "Microsoft.Extensions")]
    [TestCase("Orca.Sandbox", "Microsoft.Extensions")]
    public void Library_HasFewPackages(string assembly, string allowed)
    {
        var packages = Assembly.Load(assembly).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System", StringComparison.Ordinal) && !name.StartsWith("Orca.", StringComparison.Ordinal))
            .Where(name => name is not ("Tmds.LibC" or "Microsoft.Win32.Primitives" or "netstandard"));
        Assert.That(packages.Where(name => !name.StartsWith(allowed, StringComparison.Ordinal)), Is.Empty);
    }

    private static IEnumerable<string> Ours(IEnumerable<string> names)
        => names.Where(name => name.StartsWith("Orca.", StringComparison.Ordinal));

    private static List<string> References(string path)
    {
        using var image = new PEReader(File.OpenRead(path));
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
