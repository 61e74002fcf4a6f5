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

    /// <summary>Hears notes on what the host cannot do and what was done instead; one line each.</summary>
    public Action<string>? Note { get; init; }
}

/// <summary>How a command ended: 0-255, where 128+n stands for death by signal n.</summary>
public readonly record struct ExitStatus(int Code)
{
    /// <summary>The command ended well.</summary>
    public bool Success => Code == 0;
}
