using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>A command to run in a container, and how to run it. A value that is null or empty is taken from the image, then from the default sandbox.</summary>
/// <param name="Image">The image; null only to enter a kept container (<see cref="Enter"/>).</param>
/// <param name="Command">Replaces the image's command; empty runs that.</param>
public sealed record ContainerStart(ImageReference? Image, ValueList<string> Command)
{
    private static readonly GroupLimits s_noLimits = new();
    private static readonly NameOptions s_noNames = new();
    private static readonly SecurityOptions s_asUsual = new();

    /// <summary>Names the image as people type it.</summary>
    /// <exception cref="Core.Errors.ReferenceException">The name breaks the grammar.</exception>
    public ContainerStart(string image, ValueList<string> command)
        : this(ImageReference.Parse(image), command)
    {
    }

    /// <summary>Replaces the image's entrypoint and its command; one empty string takes the entrypoint away.</summary>
    public ValueList<string> Entrypoint { get; init; }

    /// <summary>Variables as <c>NAME=value</c>, over the image's.</summary>
    public ValueList<string> Env { get; init; }

    /// <summary>The working directory of the command.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The user of the command: <c>user</c>, <c>uid</c>, <c>user:group</c>, ...</summary>
    public string? User { get; init; }

    /// <summary>The host name of the container.</summary>
    public string? Hostname { get; init; }

    /// <summary>Host files and directories that appear inside.</summary>
    public ValueList<BindMount> Mounts { get; init; }

    /// <summary>Empty file systems in memory.</summary>
    public ValueList<TemporaryMount> TemporaryMounts { get; init; }

    /// <summary>Whether the root file system is read-only.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>The size of /dev/shm, in bytes.</summary>
    public long? SharedMemory { get; init; }

    /// <summary>Limits of the container as a whole. They need a control group that the host delegates.</summary>
    public GroupLimits Limits { get; init; } = s_noLimits;

    /// <summary>Limits of the command's process.</summary>
    public ValueList<ResourceLimit> ResourceLimits { get; init; }

    /// <summary>The network namespace; the host's by default. A namespace of the container's own has only a loopback device.</summary>
    public NamespaceMode? Network { get; init; }

    /// <summary>The process namespace; the container's own by default.</summary>
    public NamespaceMode? Pid { get; init; }

    /// <summary>The namespace of inter-process communication; the container's own by default.</summary>
    public NamespaceMode? Ipc { get; init; }

    /// <summary>Whether an init is the container's first process. False makes the command the first process.</summary>
    public bool? Init { get; init; }

    /// <summary>How names are resolved.</summary>
    public NameOptions Names { get; init; } = s_noNames;

    /// <summary>The differences from the default sandbox.</summary>
    public SecurityOptions Security { get; init; } = s_asUsual;

    /// <summary>The standard input of the command.</summary>
    public ContainerInput Input { get; init; } = ContainerInput.Empty;

    /// <summary>The destination of standard output.</summary>
    public ContainerOutput Output { get; init; } = ContainerOutput.Pipe;

    /// <summary>The destination of standard error.</summary>
    public ContainerOutput Error { get; init; } = ContainerOutput.Pipe;

    /// <summary>How many bytes of each stream a run captures: the first. The rest is read and dropped, so that the command goes on, and <see cref="ContainerResult.IsTruncated"/> is set.</summary>
    public int CaptureLimit { get; init; } = 16 << 20;

    /// <summary>How long the command may run, counted from its start; then it gets <see cref="StopSignal"/>, and <see cref="ContainerExit.TimedOut"/> is set.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long after the signal of <see cref="Timeout"/> everything is killed. After a cancellation, how long the consumers of output have for the rest.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The signal that asks the command to end; by default the image's, or SIGTERM.</summary>
    public Signal? StopSignal { get; init; }

    /// <summary>The condition under which a start returns; see <see cref="global::Orca.Ready"/>. Null: the command runs. A run ignores it.</summary>
    public IReadiness? Ready { get; init; }

    /// <summary>How long to wait for <see cref="Ready"/>; then the container is killed, and the start throws <see cref="ContainerNotReadyException"/>.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The name under which the container is kept: the first run makes it, later runs enter it. Null: the container is removed after the run.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the changes of a kept container are discarded before the run.</summary>
    public bool Fresh { get; init; }

    /// <summary>Whether a kept container is removed after the run.</summary>
    public bool RemoveAfter { get; init; }

    /// <summary>When the image is pulled.</summary>
    public PullPolicy Pull { get; init; }

    /// <summary>The platform that the image must be for; null for the machine's own.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Whether a run whose command fails throws <see cref="ContainerFailedException"/>.</summary>
    public bool ThrowOnFailure { get; init; }

    /// <summary>A run in the kept container of this name, from whichever image it is.</summary>
    public static ContainerStart Enter(string name, ValueList<string> command) => new((ImageReference?)null, command) { Name = name };
}
