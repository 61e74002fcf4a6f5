using Microsoft.Extensions.Logging;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>Plans, encodes, clones, and comes back when the command runs.</summary>
/// <remarks>
/// <code>
///   pool thread              launch thread     event thread
///   plan, encode, pipes
///                            clone
///   map ids (sub-ids only)
///                                              the child's report: started, or {step, errno}
///   the caller goes on
///                                              the end of the child
///   wait(2), the group goes
/// </code>
/// </remarks>
internal sealed class SandboxStarter(ILogger logger) : ISandboxStarter
{
    // Sealed, so that all containers can execute the same: they share its pages. PublicationOnly, so that an error (EMFILE) is not kept for later starts.
    private readonly Lazy<Fd> _stub = new(Stub.Open, LazyThreadSafetyMode.PublicationOnly);

    /// <inheritdoc/>
    public async Task<ISandboxProcess> StartAsync(SandboxSpec spec, SandboxStart start, CancellationToken cancellationToken)
    {
        if (spec.Terminal)
        {
            throw new ArgumentException("a command with streams of its own has no terminal", nameof(spec));
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var target = JoinTarget.Open(spec);
        var group = ControlGroup.MakeFor(spec);
        CommandStreams? streams = null;
        try
        {
            var plan = SandboxLauncher.Plan(spec, HostProbe.Read(spec, start) with { Group = group?.Path, Join = target?.Facts });
            SandboxLauncher.LogPlan(logger, plan);
            streams = CommandStreams.Open(spec, start);
            var child = await StartAsync(spec, plan, start, streams, target?.Process, cancellationToken).ConfigureAwait(false);
            return new SandboxProcess(child, streams, group, isJoined: target is not null);
        }
        catch
        {
            streams?.Dispose();
            group?.Dispose();
            throw;
        }
    }

    private async Task<ChildProcess> StartAsync(SandboxSpec spec, SandboxPlan plan, SandboxStart start, CommandStreams streams, Fd? target, CancellationToken cancellationToken)
    {
        var stub = _stub.Value;
        using var program = PlanEncoder.Encode(plan); // the child reads it until it has exec'ed or ended
        var child = await LaunchThread.RunAsync(() => SandboxLauncher.Launch(spec, plan, program, streams.Inside, stub, target)).ConfigureAwait(false);
        try
        {
            streams.LetGo();
            using (cancellationToken.Register(static one => ((ChildProcess)one!).Kill(), child))
            {
                if (target is not null)
                {
                    await HearAsync(child).ConfigureAwait(false);
                    SandboxLauncher.Enter(spec, plan, child);
                }

                SandboxLauncher.MapIds(spec, plan, child);
                start.Launched?.Invoke();
                await HearStartAsync(spec, plan, child).ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            start.Started?.Invoke(child.Id);
            return child;
        }
        catch (Exception)
        {
            child.Dispose(); // before its program
            cancellationToken.ThrowIfCancellationRequested(); // what failed may have failed because the child was killed
            throw;
        }
    }

    private static async Task HearAsync(ChildProcess child)
    {
        using var report = EventLoop.Shared.Watch(child.Handshake.Descriptor);
        await report.WaitAsync().ConfigureAwait(false);
    }

    private static async Task HearStartAsync(SandboxSpec spec, SandboxPlan plan, ChildProcess child)
    {
        await HearAsync(child).ConfigureAwait(false);
        var message = child.Handshake.Read();
        if (message.Kind != HandshakeKind.Started)
        {
            throw LaunchFailure.OfStep(spec, plan, message.Step, message.Errno);
        }
    }
}
