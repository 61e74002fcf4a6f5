using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>A container that was started, or a command in one. Disposing kills what still runs of it, waits for its end and closes the streams; it may be done twice, and from any thread.</summary>
public interface IRunningContainer : IAsyncDisposable
{
    /// <summary>The facts that were known at the start.</summary>
    ContainerInfo Info { get; }

    /// <summary>This program's ends of its standard streams.</summary>
    /// <remarks>
    /// A container whose output is not read blocks when the pipe is full; nothing is lost. Its output can be read after its end, until the
    /// container is disposed.
    /// </remarks>
    RunningStreams Streams { get; }

    /// <summary>Its files, as long as it runs.</summary>
    IContainerFiles Files { get; }

    /// <summary>Waits until the command has ended and its container is cleaned up: one of the same name can be started then.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the container.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="Exception">The exception of a stream, logger or delegate of <see cref="ContainerInput"/> or <see cref="ContainerOutput"/>, which ended the container.</exception>
    Task<ContainerExit> WaitForExitAsync(CancellationToken cancellationToken = default);

    /// <summary>Sends a signal to the command; SIGKILL ends everything in the container.</summary>
    /// <returns>False when the container had ended.</returns>
    ValueTask<bool> SignalAsync(Signal signal, CancellationToken cancellationToken = default);

    /// <summary>Starts another command in the container, and comes back when it runs.</summary>
    /// <remarks>
    /// It has what the container's own command has: namespaces, capabilities, filter of system calls, limits. It ends with the container, and is disposed like one: that kills it with
    /// all that descends from it, and leaves the container alone. What a command that ends by itself has left running goes on as long as the container.
    /// </remarks>
    /// <param name="exec">The command.</param>
    /// <param name="cancellationToken">Ends a start that is under way; a command that has started goes on.</param>
    /// <exception cref="Core.Errors.SandboxException">The container has ended, has no such user, or the command could not be started.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the command ran.</exception>
    Task<IRunningContainer> ExecAsync(ContainerExec exec, CancellationToken cancellationToken = default);
}

/// <summary>A container as it was when it started.</summary>
/// <param name="Name">Its name in the store; a random one when it goes with its run.</param>
/// <param name="ProcessId">Its first process, as the host counts.</param>
/// <param name="Image">The name of its image.</param>
/// <param name="ImageDigest">The identity of that image.</param>
/// <param name="Started">When the command began.</param>
/// <param name="StopSignal">What asks the command to end.</param>
public sealed record ContainerInfo(string Name, int ProcessId, ImageReference Image, Digest ImageDigest, DateTimeOffset Started, Signal StopSignal);

/// <summary>This program's ends of a container's standard streams; null for those that are not <see cref="ContainerInput.Pipe"/> and <see cref="ContainerOutput.Pipe"/>.</summary>
/// <param name="Input">What is written to it, the container reads; disposing it is the end of its input. Writing throws <see cref="IOException"/> once the container does not read any more.</param>
/// <param name="Output">What the container writes to its standard output.</param>
/// <param name="Error">What the container writes to its standard error.</param>
public sealed record RunningStreams(Stream? Input, Stream? Output, Stream? Error);
