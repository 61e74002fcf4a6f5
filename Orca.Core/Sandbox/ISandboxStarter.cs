using Microsoft.Win32.SafeHandles;

namespace Orca.Core.Sandbox;

/// <summary>Starts commands in fresh namespaces, with streams of their own, and comes back while they run.</summary>
public interface ISandboxStarter
{
    /// <summary>Starts the command.</summary>
    /// <remarks>
    /// No thread belongs to what runs. Nothing of this process's standard streams, terminal and signals is used. When this process dies, so does everything in the sandbox.
    /// The token ends a start that is under way; what has started goes on.
    /// </remarks>
    /// <exception cref="Errors.SandboxException">The sandbox could not be made, or the command not started.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the command ran; nothing is left of it.</exception>
    Task<ISandboxProcess> StartAsync(SandboxSpec spec, SandboxStart start, CancellationToken cancellationToken);
}

/// <summary>A command that runs in its sandbox. Disposing kills it, waits for its end, and closes the streams.</summary>
public interface ISandboxProcess : IAsyncDisposable
{
    /// <summary>The container's first process, as the host counts.</summary>
    int Id { get; }

    /// <summary>This program's ends of the pipes that were asked for: standard input, output, error. Null where there is none.</summary>
    IReadOnlyList<Stream?> Pipes { get; }

    /// <summary>Completes when every process of the container has ended; the pipes then hold the rest of what was written, and end after it.</summary>
    Task<SandboxExit> Exited { get; }

    /// <summary>Opens the root of the first process, as the container sees it; null when it has ended.</summary>
    Linux.Fd? OpenRoot();

    /// <summary>Sends a signal to the command; SIGKILL ends everything in the container. False when it has ended.</summary>
    bool TrySignal(Signal signal);
}

/// <summary>How a command of a sandbox ended.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="OutOfMemory">True when the kernel killed a process for the container's limit of memory; null where no such limit was set.</param>
public readonly record struct SandboxExit(ExitStatus Status, bool? OutOfMemory);

/// <summary>The streams and callbacks of a start.</summary>
public sealed record SandboxStart
{
    /// <summary>Standard input, where the spec passes it; else it is /dev/null.</summary>
    public SandboxStream Input { get; init; } = SandboxStream.Nothing;

    /// <summary>Standard output.</summary>
    public SandboxStream Output { get; init; } = SandboxStream.Nothing;

    /// <summary>Standard error.</summary>
    public SandboxStream Error { get; init; } = SandboxStream.Nothing;

    /// <summary>Called when the child process is on its way. Exceptions end the run.</summary>
    public Action? Launched { get; init; }

    /// <summary>Called when the command runs, with the container's first process as the host counts. Exceptions end the run.</summary>
    public Action<int>? Started { get; init; }
}

/// <summary>The other end of a standard stream of a command.</summary>
public sealed record SandboxStream
{
    private SandboxStream()
    {
    }

    /// <summary>/dev/null.</summary>
    public static SandboxStream Nothing { get; } = new();

    /// <summary>A pipe whose other end is this program's.</summary>
    public static SandboxStream Pipe { get; } = new() { IsPipe = true };

    /// <summary>True for a pipe.</summary>
    public bool IsPipe { get; private init; }

    /// <summary>The open file; null for the other two.</summary>
    public SafeFileHandle? Handle { get; private init; }

    /// <summary>The command gets a descriptor of this open file. The caller's handle may be closed once the command has started.</summary>
    /// <remarks>Not a directory, through which the host could be reached, and not a terminal, which is its user's to read and set: both are refused.</remarks>
    public static SandboxStream Of(SafeFileHandle handle) => new() { Handle = handle };
}
