using Microsoft.Extensions.Logging;
using Orca.Core.Containers;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using Orca.Sandbox.SubIds;

namespace Orca.Sandbox.Launch;

/// <summary>Plans, encodes, clones, and stays beside the container until it ends.</summary>
internal sealed partial class SandboxLauncher(ILogger logger) : ISandbox
{
    /// <inheritdoc/>
    public ExitStatus Run(SandboxSpec spec, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var target = JoinTarget.Open(spec);
        using var group = ControlGroup.MakeFor(spec);
        var plan = Plan(spec, (options.Journal?.Log is null ? HostProbe.Read(spec) : HostProbe.ReadDetached(spec)) with { Group = group?.Path, Join = target?.Facts });
        LogPlan(logger, plan);
        if (group is not null && options.Journal?.Log is null)
        {
            options = options with { Handover = null }; // this process must be there in the end, to remove the group
        }

        if (options.Journal?.Log is not null)
        {
            group?.Outlive(); // its keeper holds the lock, and a later container sweeps the group
        }

        using var program = PlanEncoder.Encode(plan, pauses: options.Isolated is not null);
        using var streams = ContainerStreams.Of(plan);
        using var signals = options.ForwardSignals ? new SignalCatcher() : null;
        using var stub = Stub.Open();
        using var child = Launch(spec, plan, program, streams.Inside, stub, target?.Process);
        streams.LetGo();
        if (target is not null)
        {
            Enter(spec, plan, child);
        }

        MapIds(spec, plan, child);
        if (options.Isolated is { } isolated)
        {
            Show(isolated, spec, plan, child);
        }

        using var cancellation = cancellationToken.Register(static one => ((ChildProcess)one!).Kill(), child);
        var status = new ContainerMonitor(spec, plan, options, child, signals, stub).WaitForExit(streams);
        cancellationToken.ThrowIfCancellationRequested();
        return new ExitStatus(status);
    }

    /// <inheritdoc/>
    public SandboxOutline Outline(SandboxSpec spec)
    {
        using var target = JoinTarget.Open(spec);
        return Plan(spec, HostProbe.Read(spec) with { Join = target?.Facts }).Outline();
    }

    /// <summary>The plan of a container, or of a command that joins one.</summary>
    internal static SandboxPlan Plan(SandboxSpec spec, HostFacts host) => host.Join is null ? SandboxPlanner.Plan(spec, host) : JoinPlanner.Plan(spec, host);

    /// <summary>Clones the child, which begins at once.</summary>
    /// <exception cref="Core.Errors.SandboxException">The namespaces cannot be had.</exception>
    internal static unsafe ChildProcess Launch(SandboxSpec spec, SandboxPlan plan, EncodedProgram program, Func<int, int> inside, Fd stub, Fd? target = null)
    {
        var (ours, theirs) = Kernel.OpenSocketPair();
        using var childEnd = theirs;
        using var self = spec.Detached ? null : Kernel.TryOpenProcess(Environment.ProcessId);
        using var joining = target is null ? null : Joining(program);
        var pidfd = -1;
        var start = program.Start(childEnd.Number, self?.Number ?? -1, stub.Number);
        for (var stream = 0; stream < 3; stream++)
        {
            start->Pipes[stream] = inside(stream);
        }

        start->Target = target?.Number ?? -1;
        start->Joining = joining?.Number ?? -1;

        var pid = ChildLibrary.Launch(start, (ulong)plan.Namespaces, &pidfd);
        if (pid < 0)
        {
            ours.Dispose();
            throw LaunchFailure.OfClone(spec, (Errno)(-pid));
        }

        return new ChildProcess((int)pid, new Fd(pidfd), new Handshake(ours));
    }

    private static Fd Joining(EncodedProgram program)
    {
        var file = Kernel.OpenMemoryFile("orca-join");
        FileSystem.Write(file, program.Joining.Span);
        return file;
    }

    /// <summary>Hears of the process that has entered the container, which is the child from then on.</summary>
    internal static void Enter(SandboxSpec spec, SandboxPlan plan, ChildProcess child)
    {
        var message = child.Handshake.Read();
        if (message.Kind != HandshakeKind.Entered)
        {
            throw message.Kind == HandshakeKind.Failed ? LaunchFailure.OfStep(spec, plan, message.Step, message.Errno) : LaunchFailure.OfJoiner();
        }

        child.GoOn(message.Process!);
    }

    /// <summary>The child waits for its ids: only then can it do anything that needs them.</summary>
    internal static void MapIds(SandboxSpec spec, SandboxPlan plan, ChildProcess child)
    {
        if (spec.UserNamespace != UserNamespaceMode.SubIds || spec.Joins is not null)
        {
            return;
        }

        var index = 0;
        while (plan.Steps[index] is not MapRanges)
        {
            index++;
        }

        if (IdMapWriter.Write(child.Id, (MapRanges)plan.Steps[index]) is { } refusal)
        {
            throw LaunchFailure.OfMap(spec, plan, index, refusal);
        }

        child.Handshake.LetGo();
    }

    /// <summary>The child waits once it has its namespaces: later it may be gone before anybody has looked.</summary>
    private static void Show(Action<IReadOnlyList<NamespaceId>> isolated, SandboxSpec spec, SandboxPlan plan, ChildProcess child)
    {
        var message = child.Handshake.Read();
        if (message.Kind != HandshakeKind.Isolated)
        {
            throw LaunchFailure.OfStep(spec, plan, message.Step, message.Errno);
        }

        isolated(NewNamespaces.Of(child.Id, plan));
        child.Handshake.LetGo();
    }

    internal static void LogPlan(ILogger logger, SandboxPlan plan)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            foreach (var line in plan.Lines())
            {
                logger.LogDebug("{Step}", line);
            }
        }
    }
}
