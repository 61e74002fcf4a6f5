using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>The group of new terminals: tty, which is 5 in every distribution, as docker and podman have it, where the container has such a group.</summary>
/// <remarks>
/// sshd and login want it: a terminal of another group they give to it by chown(2). Where there is one id the group cannot be had; that chown(2) is then answered
/// as done, for root as every other (OneIdAnswers), for another user by the init (Child/Stub/owner.c).
/// </remarks>
internal static class TerminalGroup
{
    private const uint Number = 5;

    /// <summary>The option of devpts; empty when the group has no number in the container.</summary>
    internal static string Option(SandboxSpec spec, HostFacts host) => IsThere(spec, host) ? ",gid=5" : string.Empty;

    private static bool IsThere(SandboxSpec spec, HostFacts host) => spec.UserNamespace switch
    {
        UserNamespaceMode.Host => true,
        UserNamespaceMode.SubIds => host.SubIds!.Groups.Aggregate(1UL, static (count, range) => count + range.Count) > Number,
        _ => spec.Gid == Number,
    };
}
