using NUnit.Framework;
using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Skips a test by the name of what the machine lacks.</summary>
internal static class Needs
{
    public static void Root(string why)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("needs root: " + why);
        }
    }

    /// <summary>dist/arm64/orca, which 'make test' builds: in CI it is there, or the test fails.</summary>
    public static void Arm64Binary()
    {
        if (File.Exists(Path.Combine(Repository.Root, "dist", "arm64", "orca")))
        {
            return;
        }

        InCi("dist/arm64/orca is missing: type make arm64");
    }

    /// <summary>Something is missing that 'make test' brings when root runs it: a failure in CI, elsewhere a skip by this name.</summary>
    public static void InCi(string missing)
    {
        Assert.That(Surroundings.Caller("CI") is { Length: > 0 } ci && ci != "false", Is.False, missing);
        Assert.Ignore(missing);
    }
}
