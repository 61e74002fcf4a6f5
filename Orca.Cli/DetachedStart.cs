using System.Runtime.InteropServices;
using System.Text;
using Orca.Cli.Commands;
using Orca.Cli.Commands.Run;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli;

/// <summary>Starts a container whose process outlives the one that the user has typed.</summary>
/// <remarks>
/// <code>
///   orca run -d ...        the same, in a session of its own          the keeper (a few pages)
///   pulls, spawns  ----->  ORCA_DETACHED=NAME: starts the command
///   prints NAME    &lt;-----  writes NAME when the command runs  ----->  becomes it: log, status, end
///   exits
/// </code>
/// The second process has nothing open of the first one's but its standard error, for what goes wrong before the command runs; its standard output is the pipe
/// to the first. When it ends without a word, its exit status is the user's.
/// </remarks>
internal static unsafe partial class DetachedStart
{
    internal const string Variable = "ORCA_DETACHED";
    private const string Library = "orca_child";
    private const int NameLength = 12;

    /// <summary>The container that this process is to run with no terminal; null when that is not what it was started for.</summary>
    public static string? Name(Parsing.HostEnvironment environment) => environment.FindOwn(Variable);

    /// <summary>A name for a container that the user gives none: twelve hexadecimal digits, as docker shows of an id.</summary>
    public static string NewName() => Guid.NewGuid().ToString("N")[..NameLength];

    /// <summary>Starts the container and prints its name.</summary>
    /// <param name="context">What the command works with.</param>
    /// <param name="name">The container.</param>
    /// <param name="arguments">The arguments of the second process, the program's name first.</param>
    /// <returns>0, or the exit status of a start that has failed and has printed why.</returns>
    public static int Run(CommandContext context, string name, IReadOnlyList<byte[]> arguments)
    {
        var status = Spawn(context, name, arguments);
        if (status == 0)
        {
            context.Out.Write(name + "\n");
        }

        return status;
    }

    private static int Spawn(CommandContext context, string name, IReadOnlyList<byte[]> arguments)
    {
        var (reader, writer) = Kernel.OpenPipe();
        var process = 0;
        using (reader)
        {
            using (writer)
            {
                List<byte[]> variables = [.. context.Environment.Variables.Where(static variable => !variable.AsSpan().StartsWith("ORCA_DETACHED="u8)), Encoding.UTF8.GetBytes($"{Variable}={name}")];
                ProcessImage.Become(arguments, variables, (argv, envp) =>
                {
                    fixed (byte* path = "/proc/self/exe\0"u8)
                    {
                        return process = StartProcess(path, (byte**)argv, (byte**)envp, writer.Number);
                    }
                });
            }

            if (process < 0)
            {
                throw new StoreException($"cannot start container '{name}': start a process for it: {((Errno)(-process)).Describe()}");
            }

            using var running = Kernel.TryOpenProcess(process);
            Span<byte> answer = stackalloc byte[1];
            return FileSystem.Read(reader, answer) > 0 ? 0 : running is null ? Output.ErrorReport.Failed : Kernel.WaitForExit(running);
        }
    }

    /// <summary>What the second process does once the command runs: it says so, and lets go of all that is the first one's.</summary>
    public static Action<int> Started(RunReport report, string name) => process =>
    {
        report.Started(process);
        _ = StandardStreams.TryWrite(1, Encoding.UTF8.GetBytes(name + "\n"));
        DiscardStreams();
    };

    [LibraryImport(Library, EntryPoint = "orca_spawn")]
    private static partial int StartProcess(byte* path, byte** arguments, byte** environment, int output);

    [LibraryImport(Library, EntryPoint = "orca_discard_streams")]
    private static partial void DiscardStreams();
}
