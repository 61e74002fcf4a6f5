using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>Converts a <see cref="ContainerStart"/> to the types of the pipeline.</summary>
internal static class StartRequest
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40); // of a timer

    /// <summary>Returns the request to the store and the sandbox.</summary>
    /// <exception cref="ReferenceException">A variable is not <c>NAME=value</c>, or a time is not one that can be waited for.</exception>
    internal static RunRequest Of(ContainerStart start)
    {
        foreach (var variable in start.Env)
        {
            if (variable.IndexOf('=', StringComparison.Ordinal) < 1)
            {
                throw new ReferenceException($"cannot use the variable '{Quoted.Text(variable)}': it is not NAME=value");
            }
        }

        if ((start.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > s_longest)) || start.Grace < TimeSpan.Zero || start.Grace > s_longest)
        {
            throw new ReferenceException($"cannot limit the time to {start.Timeout} and {start.Grace}: a timeout is more than nothing, a grace not negative, and both at most 40 days");
        }

        if (start.ReadyTimeout <= TimeSpan.Zero || start.ReadyTimeout > s_longest)
        {
            throw new ReferenceException($"cannot wait {start.ReadyTimeout} for a container to be ready: it must be more than nothing, and at most 40 days");
        }

        return new RunRequest
        {
            Image = start.Image,
            Name = start.Name,
            Fresh = start.Fresh,
            RemoveAfter = start.RemoveAfter,
            Pull = start.Pull,
            Platform = start.Platform,
            Options = Options(start),
        };
    }

    /// <summary>Returns the standard streams of the command.</summary>
    internal static SandboxStart Streams(ContainerStart start) => new()
    {
        Input = start.Input.Handle is { } handle ? SandboxStream.Of(handle) : start.Input == ContainerInput.Empty ? SandboxStream.Nothing : SandboxStream.Pipe,
        Output = Of(start.Output),
        Error = Of(start.Error),
    };

    private static SandboxStream Of(ContainerOutput output) =>
        output.Handle is { } handle ? SandboxStream.Of(handle) : output.IsPipe || output.IsCopied ? SandboxStream.Pipe : SandboxStream.Nothing;

    private static RunOptions Options(ContainerStart start) => new()
    {
        Process = new()
        {
            Entrypoint = start.Entrypoint.Count > 0 ? (IReadOnlyList<string>)start.Entrypoint : null,
            Command = start.Command,
            Env = start.Env,
            WorkingDirectory = start.WorkingDirectory,
            User = start.User,
            Terminal = false,
            Interactive = start.Input != ContainerInput.Empty,
            Init = start.Init,
            StopSignal = start.StopSignal,
            Timeout = start.Timeout,
        },
        Files = new() { Mounts = start.Mounts, TemporaryMounts = start.TemporaryMounts, ReadOnly = start.ReadOnly },
        Network = new() { Mode = start.Network, Ipc = start.Ipc, Pid = start.Pid, Hostname = start.Hostname, Names = start.Names },
        Limits = new() { SharedMemory = start.SharedMemory, Resources = start.ResourceLimits, Group = start.Limits },
        Security = start.Security,
    };
}
