using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>The account that has subordinate ids, as <c>Fixtures/test-user.sh NAME subids</c> makes it.</summary>
internal static class SubIds
{
    public const string User = "orca-subids";

    /// <summary>Skips where there is no such account.</summary>
    public static void Need()
    {
        Needs.Root("runs as an account with sub-ids");
        Assume.That(World.Tool("id", User).Status, Is.Zero, $"needs the account {User}: type make test, as root");
        Assume.That(File.Exists("/usr/bin/newuidmap"), "needs uidmap");
    }

    /// <summary>The first of its ids.</summary>
    public static string First() => File.ReadAllLines("/etc/subuid").Single(line => line.StartsWith(User + ":", StringComparison.Ordinal)).Split(':')[1];
}
