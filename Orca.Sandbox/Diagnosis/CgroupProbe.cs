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

    private static readonly (string Controller, string Option)[] s_options = [("memory", "--memory"), ("cpu", "--cpus"), ("pids", "--pids-limit")];

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
        var lacking = Lacking(controllers);
        if (lacking.Count == 0)
        {
            return new HostFinding(Subject, HostVerdict.Works, $"{path}: {controllers}");
        }

        var off = Lacking(Surrounding.Read(Root + "/cgroup.controllers")?.Trim() ?? string.Empty);
        return off.Count == 0
            ? new HostFinding(Subject, HostVerdict.Fallback, $"{path} lacks {string.Join(", ", lacking)}; {Goes}") { Cure = Cure }
            : new HostFinding(Subject, HostVerdict.Fallback, $"this kernel has no {string.Join(", ", off)} controller; {Options(off)} cannot be had") { Cure = HostHints.OfController(off[0]) };
    }

    private static List<string> Lacking(string controllers) => [.. s_options.Select(static option => option.Controller).Except(controllers.Split(' '))];

    private static string Options(List<string> controllers) => string.Join(" and ", s_options.Where(option => controllers.Contains(option.Controller)).Select(static option => $"'{option.Option}'"));

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
