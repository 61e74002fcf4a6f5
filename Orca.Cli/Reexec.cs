using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Cli;

/// <summary>Starts the program anew after a pull.</summary>
/// <remarks>
/// A pull leaves TLS, buffers and a thread pool in memory, which would stand there for as long as the container does, and threads, which
/// the launch has to do without. execve(2) takes them all away and keeps the process id, the terminal and the place in the shell's job.
/// </remarks>
internal static class Reexec
{
    /// <summary>Says that the pull is done, and what it gave. Containers never see it: the host's variables do not go in.</summary>
    public const string Variable = "ORCA_PULLED";

    private const string Front = "ORCA_FRONT";

    /// <summary>What was pulled before this process was started anew, name and digest; null when it was not.</summary>
    public static ImageReference? Pulled(HostEnvironment environment) =>
        Environment.GetEnvironmentVariable(Variable) is not null
        && environment.FindRaw(Variable) is { } text && ImageReference.TryParse(text, out var pulled) && pulled.Digest is not null ? pulled : null;

    /// <summary>The absolute path of this program's file: of the front, where this is the network half, which has none.</summary>
    public static string ProgramPath(HostEnvironment environment) =>
        environment.Find(Front) ?? Environment.ProcessPath ?? "/usr/local/bin/orca";

    /// <summary>Replaces this process by itself, or by the front it was started from, same arguments to the byte.</summary>
    /// <exception cref="LinuxException">It could not; all is as before.</exception>
    public static void Now(ImageReference pulled, NamedFiles files)
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

        variables.Add(Encoding.ASCII.GetBytes($"{Variable}={pulled}"));
        files.HandOver(variables);
        ProcessImage.Replace(PathZ.From(program), ProcessImage.Arguments(), variables);
    }
}
