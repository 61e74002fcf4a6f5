using System.Globalization;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>Reads which namespaces a container's first process has got, while it waits.</summary>
internal static class NewNamespaces
{
    private static readonly (string Name, NamespaceKinds Kind)[] s_kinds =
    [
        ("cgroup", NamespaceKinds.Cgroup), ("ipc", NamespaceKinds.Ipc), ("mnt", NamespaceKinds.Mount), ("net", NamespaceKinds.Network),
        ("pid", NamespaceKinds.Pid), ("user", NamespaceKinds.User), ("uts", NamespaceKinds.Uts),
    ];

    /// <summary>Those that the plan makes, by their names; without those that cannot be looked at, as where there is no /proc.</summary>
    internal static IReadOnlyList<NamespaceId> Of(int process, SandboxPlan plan)
    {
        var kinds = plan.Namespaces | (plan.Steps.Any(static step => step is JoinGroup) ? NamespaceKinds.Cgroup : NamespaceKinds.None);
        var found = new List<NamespaceId>(s_kinds.Length);
        foreach (var (name, kind) in s_kinds)
        {
            var path = PathZ.From(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/{name}"));
            if (kinds.HasFlag(kind) && FileSystem.TryOpen(null, path, Tmds.Linux.LibC.O_PATH, out var fd) == Errno.None)
            {
                using (fd)
                {
                    found.Add(new NamespaceId(name, FileSystem.Status(fd!).Inode));
                }
            }
        }

        return found;
    }
}
