using System.Globalization;
using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Cli.Process;

/// <summary>What one life of the process leaves to the next, in variables of its environment.</summary>
/// <remarks>
/// <code>
///   launcher      the image is in the store: makes the container, and starts the command
///    |  |
///    |  +--- ORCA_FRONT=PATH --&gt; full binary    the image is missing: pulls or loads it
///    |                            |
///    |  launcher &lt;-- ORCA_PULLED=NAME@DIGEST     as at the top, and never pulls again
///    |  |
///   keeper        100 ms after the command's start: two pages that wait for the container
///    |
///    +--- ORCA_KEPT=STATUS PROCESS TOKEN --&gt; launcher    cleans up, and ends as the container did
/// </code>
/// Each arrow is an execve(2): process id, arguments, terminal and the place in the shell's job stay, memory and threads go. A pull leaves TLS, buffers and a thread pool behind,
/// and the launch has to do without other threads. The keeper is <c>Orca.Sandbox/Child/Stub/keeper.c</c>; <c>Launch/Handover.cs</c> becomes it. What was read from pipes goes along
/// in ORCA_PIPES, see <see cref="NamedFiles"/>. A detached run is another process (<see cref="DetachedStart"/>), whose lives are the same. Where an execve fails, the life before it goes on. A container sees none of these variables: the host's do not go in.
/// </remarks>
internal static class Handoff
{
    /// <summary>Names the image that was pulled, with its digest.</summary>
    public const string PulledVariable = "ORCA_PULLED";

    /// <summary>Tells the full binary, which has no file of its own, where the launcher is.</summary>
    private const string LauncherVariable = "ORCA_FRONT";

    /// <summary>Says how the container has ended, in three digits, whose run it was, by the process id, which stays, and what is to be cleaned up.</summary>
    private const string CompletionVariable = "ORCA_KEPT";

    /// <summary>Returns what was pulled before this process was started anew, name and digest; null when it was not.</summary>
    public static ImageReference? Pulled(HostEnvironment environment) =>
        environment.FindOwn(PulledVariable) is { } text && ImageReference.TryParse(text, out var pulled) && pulled.Digest is not null ? pulled : null;

    /// <summary>Returns how the container of this process has ended, and the token that cleans up after it; null when the keeper has not started this program.</summary>
    /// <remarks>A value that somebody has exported is another process's, and means nothing here.</remarks>
    public static (int Status, string Token)? Completion(HostEnvironment environment) =>
        environment.FindOwn(CompletionVariable) is { Length: >= 4 } text
        && text.Split(' ', 3) is [{ Length: 3 } digits, var process, var token]
        && process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? (status, token) : null;

    /// <summary>Returns the absolute path of this program's file: of the launcher, where this is the full binary.</summary>
    public static string ProgramPath(HostEnvironment environment) =>
        environment.Find(LauncherVariable) ?? Environment.ProcessPath ?? "/usr/local/bin/orca";

    /// <summary>Becomes the launcher again after a pull, same arguments to the byte. Where there is no launcher in front, as in a build for tests, this program is its own.</summary>
    /// <exception cref="LinuxException">It could not; all is as before.</exception>
    public static void ToLauncher(ImageReference pulled, NamedFiles files)
    {
        var variables = new List<byte[]>();
        var program = "/proc/self/exe"u8.ToArray();
        foreach (var variable in ProcessImage.Variables())
        {
            if (variable.AsSpan().StartsWith("ORCA_FRONT="u8))
            {
                program = variable.AsSpan("ORCA_FRONT=".Length).ToArray();
            }
            else if (!variable.AsSpan().StartsWith("ORCA_PULLED="u8))
            {
                variables.Add(variable);
            }
        }

        variables.Add(Encoding.ASCII.GetBytes($"{PulledVariable}={pulled}"));
        files.HandOver(variables);
        ProcessImage.Replace(PathZ.From(program), ProcessImage.Arguments(), variables);
    }
#if FRONT

    /// <summary>Becomes the full binary, with the same arguments.</summary>
    /// <param name="files">What this life has read; null when it has read nothing.</param>
    /// <exception cref="LinuxException">It could not; all is as before.</exception>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void ToFullBinary(NamedFiles? files = null)
    {
        using var program = EmbeddedFullBinary.Unpack();
        List<byte[]> variables = [.. ProcessImage.Variables()];
        variables.RemoveAll(static variable => variable.AsSpan().StartsWith("ORCA_FRONT="u8));
        if (Environment.ProcessPath is { } launcher)
        {
            variables.Add(NativeText.Encode($"{LauncherVariable}={launcher}"));
        }

        files?.HandOver(variables);
        ProcessImage.Replace(program, ProcessImage.Arguments(), variables);
    }
#endif
}
