using Orca.Core.Host;

namespace Orca.Sandbox.Launch;

/// <summary>Reads where the control groups of version 2 are, and which one this process is in.</summary>
internal static class ControlGroupProbe
{
    private const int MaxFile = 1 << 22;

    /// <summary>The mount point; null when cgroup2 is not mounted as a whole.</summary>
    internal static string? Hierarchy() => HierarchyOf(Read("/proc/self/mountinfo"));

    /// <summary>This process's group, from the root of the hierarchy; null when there is none.</summary>
    internal static string? Own() => OwnOf(Read("/proc/self/cgroup"));

    /// <summary>The mount point that mountinfo names (proc_pid_mountinfo(5)): fields before a lone '-' are id, parent, device, root, mount point; after it the type.</summary>
    internal static string? HierarchyOf(string mountInfo)
    {
        foreach (var line in mountInfo.Split('\n'))
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            if (separator > 4 && separator + 1 < fields.Length && fields[separator + 1] == "cgroup2" && fields[3] == "/")
            {
                return fields[4];
            }
        }

        return null;
    }

    /// <summary>The path after <c>0::</c>; one outside of this cgroup namespace ('/..') is nobody's.</summary>
    internal static string? OwnOf(string groups)
    {
        foreach (var line in groups.Split('\n'))
        {
            if (line.StartsWith("0::/", StringComparison.Ordinal))
            {
                return line.StartsWith("0::/..", StringComparison.Ordinal) ? null : line[3..];
            }
        }

        return null;
    }

    private static string Read(string path) => HostFileReader.ReadDefault(path, MaxFile).Text;
}
