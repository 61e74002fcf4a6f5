using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Fixtures/identity.c, built when it is first wanted: gives up root in many ways.</summary>
internal static class IdentityProbe
{
    private static readonly Lazy<string> s_program = new(static () =>
    {
        var program = Path.Combine(World.Root, "identity");
        World.Tool("clang", "-Wall", "-Wextra", "-Werror", "-O1", "-static", "-pthread", "-o", program, Fixture.Script("identity.c")).Succeeds();
        return program;
    });

    private static readonly Lazy<string> s_arm64 = new(static () =>
    {
        var program = Path.Combine(World.Root, "identity-arm64");
        var root = World.Tool("env", $"ORCA_FIXTURES={Surroundings.Caller("ORCA_FIXTURES")}", $"HOME={Surroundings.Caller("HOME")}", Path.Combine(Repository.Root, ".ci", "sysroot"), "arm64").Succeeds().Output.Trim();
        World.Tool("clang", "--target=aarch64-linux-gnu", "--sysroot=" + root, "-fuse-ld=lld", "-Wall", "-Wextra", "-Werror", "-O1", "-static", "-pthread", "-o", program, Fixture.Script("identity.c")).Succeeds();
        return program;
    });

    /// <summary>The same for a board.</summary>
    public static string Arm64 => s_arm64.Value;

    /// <summary>Runs a line of shell in Debian, in which /identity is the probe and the options come first.</summary>
    public static Outcome Shell(string script, params string[] options) => World.Orca(Arguments(script, options));

    /// <summary>The same as orca's arguments.</summary>
    public static string[] Arguments(string script, params string[] options) =>
        ["run", .. options, "-v", s_program.Value + ":/identity:ro", World.Debian, "sh", "-c", script];
}
