using System.Reflection;
using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>Folders use each other in the directions that are written down, and no new ones.</summary>
/// <remarks>
/// <c>FolderDependencies.txt</c> holds the arrows, and the knots: folders that use each other in a circle. A knot is a debt, to be undone and never to grow.
/// To accept a change: <c>ORCA_UPDATE_GOLDENS=1 dotnet test Orca.Tests --filter FolderDependency</c>, then read the difference before committing it.
/// </remarks>
public sealed class FolderDependencyTests
{
    private static readonly (string Root, Assembly Assembly)[] s_projects =
    [
        ("Orca.Core", typeof(Orca.Core.Errors.OrcaException).Assembly), ("Orca.Registry", typeof(Orca.Registry.RegistryOptions).Assembly),
        ("Orca.Sandbox", typeof(Orca.Sandbox.SandboxServices).Assembly), ("Orca.Cli", typeof(Orca.Cli.Commands.Command).Assembly),
    ];

    [Test]
    public void Arrows_AreThoseThatAreWrittenDown()
    {
        var golden = Path.Combine(Repository.Root, "Orca.Tests", "Architecture", "FolderDependencies.txt");
        var actual = string.Concat(s_projects.Select(static project => Describe(project.Root, project.Assembly)));
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(golden, actual);
        }

        Assert.That(
            actual.Split('\n'),
            Is.EqualTo(File.ReadAllText(golden).Split('\n')),
            "a folder uses another that it did not use, or no more: turn the reference, or accept it with ORCA_UPDATE_GOLDENS=1 dotnet test Orca.Tests --filter FolderDependency");
    }

    /// <summary>The reader of arrows sees what is in the project: these are there by design.</summary>
    [Test]
    public void Arrows_AreFoundInSignaturesAndInstructions()
    {
        var arrows = FolderArrows.Of(s_projects[1].Assembly, s_projects[1].Root);
        Assert.That(arrows["Pulling"], Does.Contain("Layers"));
        Assert.That(arrows["Layers"], Does.Contain("Layers/Compression"));
        Assert.That(FolderArrows.Knots(new(arrows.ToDictionary(static pair => pair.Key, static pair => pair.Value)) { ["A"] = ["B"], ["B"] = ["C"], ["C"] = ["A"] }), Has.One.EqualTo(new[] { "A", "B", "C" }));
    }

    private static string Describe(string root, Assembly assembly)
    {
        var arrows = FolderArrows.Of(assembly, root);
        var lines = arrows.Select(static pair => $"  {pair.Key} -> {string.Join(", ", pair.Value)}\n")
            .Concat(FolderArrows.Knots(arrows).Select(static knot => $"  knot: {string.Join(", ", knot)}\n"));
        return $"{root}\n{string.Concat(lines)}";
    }
}
