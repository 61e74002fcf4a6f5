using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <content>The root of a container, while it runs or without a run.</content>
public sealed partial class ContainerRunner
{
    /// <summary>As <see cref="IContainerRoots.OpenAsync"/>.</summary>
    internal async Task<IContainerRoot> OpenRootAsync(ISandboxStarter starter, string name, HoldingProgram holder, Action<string>? note, CancellationToken cancellationToken)
    {
        if (FindRunning(name) is { } instance)
        {
            return new RunningRoot(RunningContent.OpenRoot(instance.Process) ?? throw Ended(name));
        }

        var container = containers.Open(name);
        try
        {
            var kept = KeptOptions.Of(container.Record, container, new RunOptions(), note).Run;
            var run = WithVolumes(kept, container.Image) with
            {
                Process = kept.Process with
                {
                    Entrypoint = [string.Empty],
                    Command = ["/proc/self/fd/0", .. holder.Arguments],
                    User = "0:0",
                    WorkingDirectory = "/",
                    Terminal = false,
                    Interactive = true,
                },
            };
            var spec = SandboxSpecBuilder.Build(container.Image.Config, run, Look(container, run, new MountChecks(run, container), new RunOptions(), descriptors: null, note));
            var process = await starter.StartAsync(spec, new SandboxStart { Input = SandboxStream.Of(holder.File) }, cancellationToken).ConfigureAwait(false);
            return process.OpenRoot() is { } root ? new HeldRoot(root, process, container) : throw Ended(name);
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    private static SandboxException Ended(string name) => new($"cannot open the files of container '{Quoted.Text(name)}': it has ended meanwhile");

    /// <summary>The root of a container that runs anyway.</summary>
    private sealed class RunningRoot(Fd root) : IContainerRoot
    {
        public Fd Root => root;

        public ValueTask DisposeAsync()
        {
            root.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The root of a container that runs for nothing but this.</summary>
    private sealed class HeldRoot(Fd root, ISandboxProcess process, IContainer container) : IContainerRoot
    {
        public Fd Root => root;

        public async ValueTask DisposeAsync()
        {
            root.Dispose();
            using (container)
            {
                await process.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}

/// <summary>The roots of the containers that a runner runs.</summary>
/// <param name="runner">The runner.</param>
/// <param name="starter">Starts what holds a container that does not run.</param>
public sealed class ContainerRoots(ContainerRunner runner, ISandboxStarter starter) : IContainerRoots
{
    /// <inheritdoc/>
    public Task<IContainerRoot> OpenAsync(string name, HoldingProgram holder, Action<string>? note, CancellationToken cancellationToken) =>
        runner.OpenRootAsync(starter, name, holder, note, cancellationToken);
}
