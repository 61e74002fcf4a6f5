using System.Reflection;
using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>What a library user can see changes only on purpose.</summary>
/// <remarks>To accept a change: <c>ORCA_UPDATE_GOLDENS=1 dotnet test Orca.Tests --filter PublicApi</c>, then read the difference before committing it.</remarks>
public sealed class PublicApiTests
{
    [TestCase("Orca.Core")]
    [TestCase("Orca.Registry")]
    [TestCase("Orca.Sandbox")]
    [TestCase("Orca.Testing")]
    [TestCase("Orca.Testing.NUnit")]
    [TestCase("Orca.Testing.Xunit")]
    public void Library_ShowsWhatItsGoldenFileSays(string assembly)
    {
        var golden = Path.Combine(Repository.Root, "Orca.Tests", "Architecture", "PublicApi", assembly + ".txt");
        var actual = string.Join('\n', PublicApi.Describe(Assembly.Load(assembly))) + "\n";
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(golden, actual);
        }

        Assert.That(
            actual.Split('\n'),
            Is.EqualTo(File.ReadAllText(golden).Split('\n')),
            "the public surface changed; if that is meant: ORCA_UPDATE_GOLDENS=1 dotnet test Orca.Tests --filter PublicApi");
    }
}
