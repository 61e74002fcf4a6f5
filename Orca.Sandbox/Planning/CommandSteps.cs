using Orca.Core.Containers;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Sandbox.Planning;

/// <summary>The steps that a container's first command and a command that joins the container have in common.</summary>
internal static class CommandSteps
{
    /// <summary>Connects the streams that are relayed.</summary>
    internal static void Connect(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        if (StreamsToConnect(spec, host) is { Count: > 0 } streams)
        {
            steps.Add(new ConnectStreams(streams, host.ErrorIsOutput && streams.Contains(1) && streams.Contains(2)));
        }
    }

    /// <summary>Gives the pipes among the streams to the command's user, where that is another one.</summary>
    internal static void GivePipes(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        if (IsAnotherUser(spec) && host.Pipes.Concat(StreamsToConnect(spec, host).Except(host.LentStreams)).Order().Distinct().ToArray() is { Length: > 0 } pipes)
        {
            steps.Add(new GiveStreams(pipes, spec.Uid));
        }
    }

    /// <summary>Limits the capabilities where that has to be before the filter of system calls; else <see cref="Start"/> does.</summary>
    internal static void LimitFirst(List<Step> steps, SandboxSpec spec)
    {
        if (MayGainNothing(spec))
        {
            steps.Add(Limit(spec));
            steps.Add(new NoNewPrivileges());
        }
    }

    /// <summary>With one id the command is its user already. Else it becomes that later, and another user can gain what is bounding, by set-uid programs, unless that is off.</summary>
    private static LimitCapabilities Limit(SandboxSpec spec) => spec.UserNamespace.HasOneId()
        ? new LimitCapabilities(spec.Uid == 0 ? spec.Capabilities : default)
        : new LimitCapabilities(spec.Capabilities) { Until = CapabilitySet.Of(Capability.Setuid, Capability.Setgid) };

    /// <summary>In the host's process ids the init is not PID 1 of anything: what became another user it could not kill at the end, and would wait for.</summary>
    private static bool MayGainNothing(SandboxSpec spec) => spec.NoNewPrivileges || (spec.Pid == NamespaceMode.Host && IsAnotherUser(spec));

    internal static bool IsAnotherUser(SandboxSpec spec) => !spec.UserNamespace.HasOneId() && spec.Uid != 0;

    /// <summary>What comes last, of a container and of a command that joins one: nothing in the root is trusted by now.</summary>
    internal static void Start(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        foreach (var limit in spec.Requested.Limits.Resources)
        {
            steps.Add(new LimitResource(limit));
        }

        if (spec.Requested.Limits.Processors is { } processors)
        {
            steps.Add(new ChooseProcessors(processors));
        }

        if (spec.Joins is null)
        {
            steps.Add(new CloseDescriptors(spec.Descriptors)); // before names from the image lead through /proc/self/fd
        }

        steps.Add(new ChangeDirectory(spec.WorkingDirectory));
        if (spec.Requested.Process.Umask is { } umask)
        {
            steps.Add(new SetUmask((uint)umask));
        }

        if (SeccompFilter.For(spec.Seccomp, spec.Capabilities, Answers(spec), spec.Init, Remembers(spec)) is { } filter)
        {
            steps.Add(new LoadFilter(filter)); // last, so that nothing of what came before has to be allowed
        }

        if (!MayGainNothing(spec))
        {
            steps.Add(Limit(spec)); // then a filter can be loaded by who may administer the namespace only (seccomp(2))
        }

        // Who may trace PID 1 could reach the caller's terminal through it: then it does not hold that, and cannot give it its modes back.
        var givesBack = spec is { Terminal: true, PassInput: true } and ({ Init: true } or { Joins: not null }) && !spec.Capabilities.Contains(Capability.SysPtrace);
        steps.Add(new StartInit(givesBack ? host.Terminal?.Modes ?? default : default, Role(spec), spec.Descriptors));
        if (!spec.UserNamespace.HasOneId())
        {
            steps.Add(new BecomeUser(spec.Uid, spec.Gid, [spec.Gid, .. spec.Groups.Where(group => group != spec.Gid)], spec.Uid == 0 ? spec.Capabilities : default));
        }

        if (spec.Terminal)
        {
            steps.Add(new AttachTerminal(!spec.PassInput || host.Terminal?.InForeground != false));
        }

        steps.Add(new Execute(CommandLookup.Candidates(spec.Arguments, spec.Env), spec.Arguments, spec.Env));
    }

    /// <summary>With the host's ids the kernel answers for itself: a device takes CAP_MKNOD, which nobody has there.</summary>
    private static RootAnswers Answers(SandboxSpec spec) =>
        spec.UserNamespace.HasOneId() ? spec.Uid == 0 ? RootAnswers.OneId : RootAnswers.Terminals
        : spec.Uid != 0 || spec.UserNamespace == UserNamespaceMode.Host ? RootAnswers.None : RootAnswers.Devices;

    /// <summary>Whether owners and devices that are answered as made are noted: where the container stays, so that somebody may make an archive of it.</summary>
    internal static bool Remembers(SandboxSpec spec) => spec.Init && spec.Root is { Volatile: false, IsShared: false, Memory: null } && Answers(spec) is RootAnswers.OneId or RootAnswers.Devices;

    private static InitRole Role(SandboxSpec spec) =>
        spec.Joins is not null ? InitRole.Joined : !spec.Init ? InitRole.Command : spec.Pid == NamespaceMode.Host ? InitRole.Reaper : InitRole.First;

    internal static List<int> StreamsToConnect(SandboxSpec spec, HostFacts host) =>
        spec.Terminal ? [] : [.. host.StreamsToRelay.Where(stream => stream != 0 || spec.PassInput)];
}
