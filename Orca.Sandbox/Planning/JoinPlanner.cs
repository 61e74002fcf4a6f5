using System.Globalization;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Turns a command that joins a container into steps. Pure, as <see cref="SandboxPlanner"/>.</summary>
/// <remarks>
/// The order is the safety: what the container is not to have is closed, and orca's memory let go, before anything of it is entered; only then is there a process that the
/// container can see. What comes last is the same as for the container's first command: the same capabilities, no_new_privs, filter of system calls.
/// </remarks>
internal static class JoinPlanner
{
    /// <summary>Plans it.</summary>
    /// <exception cref="SandboxException">The spec asks for what cannot be.</exception>
    internal static SandboxPlan Plan(SandboxSpec spec, HostFacts host)
    {
        var join = host.Join!;
        var steps = new List<Step>(32) { new BlockSignals() };
        Connect(steps, spec, host);
        steps.Add(new CloseDescriptors(0));
        if (join.Group is { } group)
        {
            steps.Add(new EnterGroup(group));
        }

        steps.Add(new StartJoiner());
        var changesUser = ChangesUser(spec, join);
        var process = spec.Joins!.Value.Id;
        if (changesUser)
        {
            RequireOwnProcesses(spec, join);
            steps.Add(new JoinNamespaces(join.Namespaces & ~NamespaceKinds.Pid, process, KeepsProc: true));
            steps.Add(new MakeUserSpace(spec.Uid, spec.Gid));
            steps.Add(new JoinNamespaces(NamespaceKinds.Pid, process, KeepsProc: false));
        }
        else
        {
            steps.Add(new JoinNamespaces(join.Namespaces, process, KeepsProc: false));
        }

        steps.Add(new EnterContainer());
        steps.Add(new NewSession());
        steps.Add(new NewKeyring());
        Give(steps, spec, host);
        if (changesUser)
        {
            steps.Add(new EnterUserSpace(spec.Uid, spec.Gid));
        }

        if (CommandSteps.Remembers(spec))
        {
            steps.Add(new NoteOwnersInFiles());
        }

        CommandSteps.LimitFirst(steps, spec);
        CommandSteps.Start(steps, spec, host);
        return new SandboxPlan(NamespaceKinds.None, steps);
    }

    private static void Connect(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        if (spec.Detached)
        {
            steps.Add(new DiscardStreams());
            return;
        }

        CommandSteps.Connect(steps, spec, host);
        if (!spec.Terminal && !spec.PassInput)
        {
            steps.Add(new DiscardInput()); // the host's: what the container has at that path is its own affair
        }
    }

    private static void Give(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        if (!spec.Detached)
        {
            CommandSteps.GivePipes(steps, spec, host);
        }

        steps.Add(new SetUmask(0b000_010_010)); // 0022, as of the container's first command
        if (spec.Terminal)
        {
            steps.Add(new OpenTerminalInside(host.Terminal ?? TerminalFacts.Default));
            if (CommandSteps.IsAnotherUser(spec))
            {
                steps.Add(new GiveTerminal(spec.Uid));
            }
        }
    }

    /// <summary>With one id, another user than the container's own is that id in a namespace that gives it another number.</summary>
    private static bool ChangesUser(SandboxSpec spec, JoinFacts join) => spec.UserNamespace.HasOneId() && (spec.Uid != join.Uid || spec.Gid != join.Gid);

    /// <summary>The helper that makes a user can be traced by who sees it, and has no filter of system calls yet.</summary>
    private static void RequireOwnProcesses(SandboxSpec spec, JoinFacts join)
    {
        if (!join.Namespaces.HasFlag(NamespaceKinds.Pid))
        {
            throw new SandboxException(
                string.Create(CultureInfo.InvariantCulture, $"cannot run as user {spec.Uid}, group {spec.Gid}: a container that sees the processes of the host has its own user alone, {join.Uid}:{join.Gid}"),
                "leave out '-u', or run the container without '--pid host'");
        }
    }
}
