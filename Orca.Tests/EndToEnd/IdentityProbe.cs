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

    /// <summary>Runs a line of shell in Debian, in which /identity is the probe and the options come first.</summary>
    public static Outcome Shell(string script, params string[] options) =>
        World.Orca(["run", .. options, "-v", s_program.Value + ":/identity:ro", World.Debian, "sh", "-c", script]);
}
