using Orca.Tests.Architecture;

namespace Orca.Tests.EndToEnd;

/// <summary>The shell scripts of Fixtures/.</summary>
internal static class Fixture
{
    public static string Script(string name) => Path.Combine(Repository.Root, "Orca.Tests", "Fixtures", name);
}
