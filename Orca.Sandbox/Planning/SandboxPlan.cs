using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>The new namespaces, and the steps in order.</summary>
internal sealed record SandboxPlan(NamespaceKinds Namespaces, IReadOnlyList<Step> Steps)
{
    /// <summary>The plan in words.</summary>
    public SandboxOutline Outline() => new(
        Namespaces.ToString().ToLowerInvariant().Split(", "),
        [.. Steps.Select(static step => step.ToString())]);

    /// <summary>The plan in lines.</summary>
    public IEnumerable<string> Lines() => Outline().Lines();
}

/// <summary>Namespaces to make (namespaces(7)); the values are the CLONE_NEW flags.</summary>
[Flags]
internal enum NamespaceKinds : ulong
{
    None = 0,
    Mount = 0x00020000,
    Cgroup = 0x02000000,
    Uts = 0x04000000,
    Ipc = 0x08000000,
    User = 0x10000000,
    Pid = 0x20000000,
    Network = 0x40000000,
}
