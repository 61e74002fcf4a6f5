using System.Globalization;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Sandbox.Diagnosis;

/// <summary>Tries to make a cgroup below this process's own, as limits on memory, processor and processes need (cgroups(7), "Delegation").</summary>
internal static class CgroupProbe
{
    private const string Subject = "cgroup delegation";
    private const string Root = "/sys/fs/cgroup";
    private const string Goes = "'--memory', '--cpus' and '--pids-limit' cannot be had";
    private const string Cure = "start orca in a scope of its own: systemd-run --user --scope -p Delegate=yes orca run ...";

    /// <summary>One finding.</summary>
    internal static HostFinding Examine()
    {
        if (Own() is not { } group)
        {
            return new HostFinding(Subject, HostVerdict.Fallback, $"this host has no unified cgroup hierarchy (version 2); {Goes}")
            {
                Cure = "boot with systemd.unified_cgroup_hierarchy=1",
            };
        }

        var path = Root + (group == "/" ? string.Empty : group);
        var trial = string.Create(CultureInfo.InvariantCulture, $"{path}/orca-doctor-{Environment.ProcessId}");
        var error = FileSystem.TryMakeDirectory(null, PathZ.From(trial), 0x1ED /* 0755 */);
        if (error != Errno.None)
        {
            return new HostFinding(Subject, HostVerdict.Fallback, $"make a group in {path}: {error.Describe()}; {Goes}") { Cure = Cure };
        }

        _ = FileSystem.TryUnlink(null, PathZ.From(trial), directory: true);
        var controllers = Surrounding.Read(path + "/cgroup.controllers")?.Trim() ?? string.Empty;
        var lacking = new List<string>();
        foreach (var controller in (string[])["memory", "cpu", "pids"])
        {
            if (!controllers.Split(' ').Contains(controller))
            {
                lacking.Add(controller);
            }
        }

        return lacking.Count == 0
            ? new HostFinding(Subject, HostVerdict.Works, $"{path}: {controllers}")
            : new HostFinding(Subject, HostVerdict.Fallback, $"{path} lacks {string.Join(", ", lacking)}; {Goes}") { Cure = Cure };
    }

    /// <summary>This process's group in the unified hierarchy; null when there is none.</summary>
    private static string? Own()
    {
        foreach (var line in (Surrounding.Read("/proc/self/cgroup") ?? string.Empty).Split('\n'))
        {
            if (line.StartsWith("0::/", StringComparison.Ordinal) && Surrounding.Read(Root + "/cgroup.controllers") is not null)
            {
                return line["0::".Length..];
            }
        }

        return null;
    }
}
