using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <content>Starting a container that has streams of its own, and coming back while it runs; the end of a run whose process was replaced.</content>
public sealed partial class ContainerRunner
{
    /// <summary>Starts the command of a request, whose image is in the store.</summary>
    /// <returns>What runs; it holds the container until the receiver releases it.</returns>
    /// <exception cref="OrcaException">Of any kind but registry.</exception>
    internal async Task<StartedContainer> StartAsync(ISandboxStarter starter, RunRequest request, SandboxStart start, Action<string>? note, CancellationToken cancellationToken)
    {
        var (container, run, remembered) = Open(Resolve(request), note);
        try
        {
            NoteEmulation(request, container, note);
            if (remembered is not null)
            {
                container.Remember(remembered);
            }

            var mounts = new MountChecks(run, container);
            OptionConflicts.Require(run, mounts);
            var spec = SandboxSpecBuilder.Build(container.Image.Config, run, Look(container, run, mounts, request.Options, descriptors: null, note));
            var limit = SandboxSpecBuilder.Limit(container.Image.Config, run);
            var process = await StartAsync(starter, container, run, spec, start, note, cancellationToken).ConfigureAwait(false);
            var stop = SandboxSpecBuilder.StopSignal(container.Image.Config, run);
            void Release()
            {
                using (container)
                {
                    if (process.Exited is { IsCompletedSuccessfully: true } exited)
                    {
                        new ProgramDiagnosis(container, spec, note).NoteEnd(exited.Result.Status);
                    }
                }
            }

            return new StartedContainer(container.Record, process, stop, limit, Release, new RunningFiles(process))
            {
                Exec = Exec(starter, container, run, process, note),
            };
        }
        catch
        {
            container.Dispose();
            RemoveAfterFailure(request, note);
            throw;
        }
    }

    /// <summary>Removes the container of a start that failed, as the end of a run would; what fails here does not replace the first failure.</summary>
    private void RemoveAfterFailure(RunRequest request, Action<string>? note)
    {
        if (request is not { Name: { } name, RemoveAfter: true })
        {
            return;
        }

        try
        {
            Remove(name);
        }
        catch (OrcaException e)
        {
            note?.Invoke(e.Message);
        }
    }

    private static async Task<ISandboxProcess> StartAsync(ISandboxStarter starter, IContainer container, RunOptions run, SandboxSpec spec, SandboxStart start, Action<string>? note, CancellationToken cancellationToken)
    {
        try
        {
            return await new SandboxFallback(container, note)
                .StartAsync(starter, spec, start with { Launched = container.Launched, Started = process => container.Started(process, run) }, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException refusal) when (new ProgramDiagnosis(container, spec, note).Explain(refusal) is { } explained)
        {
            throw explained;
        }
    }

    /// <inheritdoc/>
    public void Finish(string token, ExitStatus status, Action<string>? note)
    {
        if (ProgramDiagnosis.OfPages(status) is { } death)
        {
            note?.Invoke(death);
        }

        if (token.Length == 0)
        {
            return; // HandoverOptions.Always
        }

        var end = token.IndexOf(Removal, StringComparison.Ordinal);
        containers.Finish(end < 0 ? token : token[..end]);
        if (end >= 0)
        {
            containers.Remove(token[(end + 1)..], force: false);
        }
    }

    /// <summary>What <see cref="Finish"/> takes; null when a container that is kept only lets go of its locks, which go with the process.</summary>
    private static string? TokenOf(RunRequest request, IContainer container)
    {
        var token = container.HandOver();
        return request.Name is not { } name ? token : request.RemoveAfter ? token + Removal + name : null;
    }

    /// <summary>Starts further commands in a container that was started here.</summary>
    private static Func<ContainerExec, CancellationToken, Task<ISandboxProcess>> Exec(ISandboxStarter starter, IContainer container, RunOptions run, ISandboxProcess process, Action<string>? note)
    {
        var instance = new ContainerInstance(container.Record with { Options = run }, new ProcessIdentity(process.Id, Linux.ProcessBirth.Of(process.Id) ?? 0));
        var image = container.Image.Config;
        return (exec, cancellationToken) => ExecAsync(starter, instance, !container.Root.Volatile, image, exec.AsRequest(), StartRequest.Streams(exec.AsStart()), note, cancellationToken);
    }

    /// <summary>Removes a kept container that has ended.</summary>
    internal void Remove(string name) => containers.Remove(name, force: false);

    private static void NoteEmulation(RunRequest request, IContainer container, Action<string>? note)
    {
        if (request.Platform is null && !References.Platform.Current.Accepts(container.Image.Config.Platform) && !RunsToo(container.Image.Config.Platform))
        {
            note?.Invoke($"the image is for {Quoted.Text(container.Image.Config.Platform.ToString())}, this machine is {References.Platform.Current}: it runs only where the kernel has an emulator for it");
        }
    }

    private static bool RunsToo(References.Platform platform)
    {
        foreach (var other in References.Platform.AlsoRuns)
        {
            if (other.Accepts(platform))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A container whose command runs.</summary>
/// <param name="Record">The container.</param>
/// <param name="Process">The command.</param>
/// <param name="StopSignal">What asks it to end.</param>
/// <param name="Limit">How long it may run; null for as long as it likes.</param>
/// <param name="Files">Its files.</param>
/// <param name="Release">Called once when the command has ended: nobody else can use the container before.</param>
internal sealed record StartedContainer(ContainerRecord Record, ISandboxProcess Process, Signal StopSignal, TimeLimit? Limit, Action Release, IContainerFiles Files)
{
    /// <summary>Starts another command in it, with streams of its own.</summary>
    public required Func<ContainerExec, CancellationToken, Task<ISandboxProcess>> Exec { get; init; }
}
