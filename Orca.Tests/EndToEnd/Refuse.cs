namespace Orca.Tests.EndToEnd;

/// <summary>Fixtures/refuse.c, built when it is first wanted: runs orca where some system calls fail.</summary>
internal static class Refuse
{
    private static readonly Lazy<string> s_program = new(static () =>
    {
        var program = Path.Combine(World.Root, "refuse");
        World.Tool("clang", "-Wall", "-Wextra", "-Werror", "-O1", "-static", "-o", program, Fixture.Script("refuse.c")).Succeeds();
        return program;
    });

    public static string Program => s_program.Value;

    /// <summary>Runs orca with the shared store; the calls are separated by blanks, as <c>clone3=ENOSYS mount=EPERM</c>.</summary>
    public static Outcome Orca(string calls, params string[] arguments)
        => World.Shared.Program(Program, [.. calls.Split(' '), "--", World.Binary, .. arguments]).Run();
}
