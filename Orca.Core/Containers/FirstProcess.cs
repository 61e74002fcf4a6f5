namespace Orca.Core.Containers;

/// <summary>Sees which commands are an init themselves and insist on being the container's first process: systemd, other system inits, s6-overlay.</summary>
/// <remarks>
/// They look at their process id and end with an error when it is not 1. Small inits such as tini and dumb-init are content below another one, and stay there:
/// orca's init does more than reap (it answers for the filter of system calls).
/// </remarks>
internal static class FirstProcess
{
    private const string Init = "/init";
    private const int MaxScript = 4096;

    private static readonly string[] s_programs =
    [
        "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init", "/bin/init", "/usr/bin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd",
        "/sbin/openrc-init", "/sbin/runit-init", "/usr/sbin/openrc-init", "/usr/sbin/runit-init", "systemd", "init",
    ];

    /// <summary>True when the command has to be process 1.</summary>
    /// <param name="command">The program, as it is named.</param>
    /// <param name="readStart">Reads the first bytes of a file of the container; null when it has none.</param>
    internal static bool Insists(string command, Func<string, int, byte[]?> readStart)
    {
        var program = command.Contains('/', StringComparison.Ordinal) ? CleanPath.Of(command) : command;
        return Array.IndexOf(s_programs, program) >= 0 || (program == Init && readStart(Init, MaxScript) is { } script && script.AsSpan().IndexOf("s6-"u8) >= 0);
    }
}
