using NUnit.Framework;

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
}
