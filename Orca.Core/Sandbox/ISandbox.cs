using Orca.Core.Linux;

namespace Orca.Core.Sandbox;

/// <summary>Runs a command in fresh namespaces.</summary>
public interface ISandbox
{
    /// <summary>Runs the command to its end, with this process's standard streams, and tells how it ended.</summary>
    /// <remarks>
    /// Synchronous on purpose. While it runs, signals sent to this process are passed on to the command when <paramref name="options"/> say so,
    /// and a terminal is relayed. When this process dies, so does everything in the sandbox.
    /// </remarks>
    /// <exception cref="Errors.SandboxException">The sandbox could not be made, or the command not started.</exception>
    ExitStatus Run(SandboxSpec spec, SandboxRunOptions options, CancellationToken cancellationToken);

    /// <summary>What a run of the same spec would ask the kernel for, in words. Runs nothing, changes nothing.</summary>
    /// <exception cref="Errors.SandboxException">The spec asks for what cannot be, or a mount's source is missing.</exception>
    SandboxOutline Outline(SandboxSpec spec);
}

/// <summary>How a run is tied to this process.</summary>
public sealed record SandboxRunOptions
{
    /// <summary>Signals sent to this process go to the command instead. For command lines; a host of many containers leaves it off.</summary>
    public bool ForwardSignals { get; init; }

    /// <summary>Called when the child process is on its way and this one has nothing left to do for it: the time for what nobody waits for. Exceptions end the run.</summary>
    public Action? Launched { get; init; }

    /// <summary>Called with the namespaces that were made for the container, before anything is in them: the container waits for it. Exceptions end the run.</summary>
    public Action<IReadOnlyList<NamespaceId>>? Isolated { get; init; }

    /// <summary>Called when the command runs, with the container's first process as the host counts: what is done here costs it no time. Exceptions end the run.</summary>
    public Action<int>? Started { get; init; }

    /// <summary>How long the command may run; null for as long as it likes.</summary>
    public TimeLimit? Limit { get; init; }

    /// <summary>Lets this whole process be replaced once the container stands; null, as every host of more than one container needs it, keeps it.</summary>
    public HandoverOptions? Handover { get; init; }

    /// <summary>Where the run writes down its start and its end; null for nowhere.</summary>
    public RunJournal? Journal { get; init; }

    /// <summary>Hears notes on what the host cannot do and what was done instead; one line each.</summary>
    public Action<string>? Note { get; init; }
}

/// <summary>What a run leaves in its container's directory, whoever stands beside it in the end. Owns its descriptors.</summary>
/// <param name="Status">Gets the times of the start and the end, and the exit status; opened to append.</param>
/// <param name="Log">The directory in which what the command prints is logged, and which has the socket for its input; null when it has this process's standard streams.</param>
public sealed record RunJournal(Fd Status, Fd? Log) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Status.Dispose();
        Log?.Dispose();
    }
}

/// <summary>When and how a process that only waits for its container is replaced by a small one (execve(2)): same process id, a few pages of memory.</summary>
/// <remarks>
/// For command lines with <see cref="SandboxRunOptions.ForwardSignals"/>. <see cref="ISandbox.Run"/> does not return then. When the container has ended the program
/// is started anew with the same arguments and the variable <c>ORCA_KEPT=STATUS PROCESS TOKEN</c>: three digits, this process's id, which stays, and the token. Where the host cannot, nothing changes.
/// </remarks>
public sealed record HandoverOptions
{
    /// <summary>How long the command has run when it happens.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Called just before: what the program needs to clean up, without NUL and at most 400 bytes, as <see cref="Containers.IContainerRun.HandOver"/> gives it;
    /// null when there is nothing to clean up, and the program need not be started anew. An <see cref="Errors.OrcaException"/> keeps this process.
    /// </summary>
    public Func<string?> Token { get; init; } = static () => null;

    /// <summary>True: the program is started anew though there is nothing to clean up; the token is empty then.</summary>
    public bool Always { get; init; }
}

/// <summary>A command that still runs after some time gets a signal, and what is left ten seconds later is killed. The keeper of a handover keeps to it too.</summary>
/// <param name="After">Counted from the command's start; more than zero.</param>
/// <param name="Signal">What asks it to end.</param>
public sealed record TimeLimit(TimeSpan After, Signal Signal)
{
    /// <summary>How long after the signal everything is killed.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
}

/// <summary>How a command ended: 0-255, where 128+n stands for death by signal n.</summary>
public readonly record struct ExitStatus(int Code)
{
    /// <summary>The command ended well.</summary>
    public bool Success => Code == 0;
}
