using Orca.Core.Containers;
using Orca.Core.References;

namespace Orca;

/// <summary>A command that is to run in a container beside the container's own.</summary>
/// <param name="Command">The program, looked up in the container, and its arguments.</param>
public sealed record ContainerExec(ValueList<string> Command)
{
    /// <summary>Variables as <c>NAME=value</c>, over those of the container.</summary>
    public ValueList<string> Env { get; init; }

    /// <summary>Where the command starts; null for where the container's did. It is not made when it is missing.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c>, ... by the files of the container; null for the container's user.</summary>
    public string? User { get; init; }

    /// <summary>The standard input of the command.</summary>
    public ContainerInput Input { get; init; } = ContainerInput.Empty;

    /// <summary>The destination of standard output.</summary>
    public ContainerOutput Output { get; init; } = ContainerOutput.Pipe;

    /// <summary>The destination of standard error.</summary>
    public ContainerOutput Error { get; init; } = ContainerOutput.Pipe;

    /// <summary>What the tasks that carry its bytes go by: its streams as those of a start.</summary>
    internal ContainerStart AsStart() => new((ImageReference?)null, Command) { Env = Env, WorkingDirectory = WorkingDirectory, User = User, Input = Input, Output = Output, Error = Error };

    /// <summary>What the pipeline takes.</summary>
    internal ExecRequest AsRequest() => new()
    {
        Command = [.. Command],
        Env = StartRequest.Of(AsStart()).Options.Process.Env,
        WorkingDirectory = WorkingDirectory,
        User = User,
        Terminal = false,
        Interactive = Input != ContainerInput.Empty,
    };
}
