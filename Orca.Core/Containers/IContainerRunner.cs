using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Runs a command in a container of an image: store, container, spec, sandbox.</summary>
public interface IContainerRunner : IContainerExecutor
{
    /// <summary>Returns what the names of a request mean in the store, and whether its image must be pulled first; after a pull it is resolved again.</summary>
    /// <exception cref="Errors.StoreException">The image is missing and the policy is <see cref="PullPolicy.Never"/>; or a named container does not exist and no image is given.</exception>
    ResolvedRun Resolve(RunRequest request);

    /// <summary>Runs the command to its end. Needs no network: the image is in the store, else it is an error.</summary>
    /// <exception cref="Errors.OrcaException">Of any kind but registry.</exception>
    /// <remarks>Does not return when the options let the process be replaced (<see cref="SandboxRunOptions.Handover"/>, whose token is the runner's to give).</remarks>
    ExitStatus Run(ResolvedRun run, SandboxRunOptions options, CancellationToken cancellationToken);

    /// <summary>Makes the kept container of a request and runs nothing. Returns its name.</summary>
    /// <exception cref="Errors.OrcaException">As <see cref="Run"/>; or there is a container of that name.</exception>
    string Create(ResolvedRun run, Action<string>? note);

    /// <summary>What a run of the same request would ask the kernel for, in words. Runs nothing and pulls nothing; a kept container that is not there yet is not made.</summary>
    /// <exception cref="Errors.OrcaException">As <see cref="Run"/>: the image must be in the store, and a named container not be running.</exception>
    SandboxOutline Outline(RunRequest request);

    /// <summary>Cleans up after a run whose process was replaced, in the program that was started anew.</summary>
    /// <param name="token">The token of the variable <c>ORCA_KEPT</c>; empty when there is nothing to clean up.</param>
    /// <param name="status">How the container has ended.</param>
    /// <param name="note">Hears why the command may have died, where the kernel's pages can be the reason; null for nobody.</param>
    /// <exception cref="Errors.StoreException">The token is none, or what should be removed cannot be.</exception>
    void Finish(string token, ExitStatus status, Action<string>? note);
}

/// <summary>What follows from <see cref="IContainerRunner"/>.</summary>
public static class ContainerRunnerExtensions
{
    /// <summary>Resolves a request and runs it, where the image is known to be in the store.</summary>
    /// <exception cref="Errors.OrcaException">Of any kind but registry.</exception>
    public static ExitStatus Run(this IContainerRunner runner, RunRequest request, SandboxRunOptions options, CancellationToken cancellationToken) =>
        runner.Run(runner.Resolve(request), options, cancellationToken);
}

/// <summary>Runs commands in containers that run already.</summary>
public interface IContainerExecutor
{
    /// <summary>Runs a command to its end in a container that runs already, whichever process of this user has started that.</summary>
    /// <remarks>The command has what the container's own has: namespaces, masks, filter of system calls, capabilities, limits. It ends with the container.</remarks>
    /// <exception cref="Errors.OrcaException">There is no such container, it does not run, or the command could not be started.</exception>
    ExitStatus Exec(string name, ExecRequest request, SandboxRunOptions options, CancellationToken cancellationToken);

    /// <summary>What <see cref="Exec"/> would ask the kernel for, in words.</summary>
    /// <exception cref="Errors.OrcaException">There is no such container, or it does not run.</exception>
    SandboxOutline Outline(string name, ExecRequest request);
}

/// <summary>Which container to run, and how.</summary>
public sealed record RunRequest
{
    /// <summary>The image; null only when <see cref="Name"/> is that of a kept container.</summary>
    public ImageReference? Image { get; init; }

    /// <summary>Keeps the container under this name: the first run makes it, later runs re-enter it. Null: it goes with the run.</summary>
    public string? Name { get; init; }

    /// <summary>Throws away the changes of a kept container before the run.</summary>
    public bool Fresh { get; init; }

    /// <summary>Removes the container of this name first, one that runs too, and makes another of <see cref="Image"/>.</summary>
    public bool Replace { get; init; }

    /// <summary>Removes a kept container after the run.</summary>
    public bool RemoveAfter { get; init; }

    /// <summary>The container is made, and nothing runs in it (<see cref="IContainerRunner.Create"/>).</summary>
    public bool OnlyCreate { get; init; }

    /// <summary>The command prints into the container's log, and has neither this process's streams nor its terminal. Only for a container with a <see cref="Name"/>.</summary>
    public bool Detached { get; init; }

    /// <summary>A file that is made anew and takes the container's name; null for none.</summary>
    public string? IdFile { get; init; }

    /// <summary>When the source is asked.</summary>
    public PullPolicy Pull { get; init; }

    /// <summary>The platform that the image must be for; null for the machine's own, and then what is in the store runs as it is.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Descriptors of this process that the command gets besides the standard streams; null for none.</summary>
    public PassedDescriptors? Descriptors { get; init; }

    /// <summary>What the run asks for beyond what the image says.</summary>
    public RunOptions Options { get; init; } = new();
}
