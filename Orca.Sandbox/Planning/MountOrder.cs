using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Brings the mounts of a spec into order: a parent before what is mounted below it, as Docker does; else as they were given.</summary>
internal static class MountOrder
{
    private const MountFlags Always = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;

    /// <summary>The steps that make the mounts in the new root.</summary>
    /// <param name="spec">What is to be.</param>
    /// <param name="host">The kinds of the sources.</param>
    /// <param name="keyOf">How the clone of a bind mount's source is called.</param>
    /// <exception cref="SandboxException">Something is to be mounted where nothing may be, or twice in one place.</exception>
    internal static IEnumerable<Step> Steps(SandboxSpec spec, HostFacts host, Func<int, string> keyOf)
    {
        var mounts = new List<(int Depth, string Path, Step Step)>(spec.Mounts.Count + spec.TemporaryMounts.Count);
        for (var i = 0; i < spec.Mounts.Count; i++)
        {
            var target = Target(spec.Mounts[i].Destination);
            mounts.Add((MountPath.Depth(target), target, new AttachTree(keyOf(i), target, host.SourceIsDirectory[i])));
        }

        foreach (var mount in spec.TemporaryMounts)
        {
            var target = Target(mount.Destination);
            var flags = Always | (mount.Executable ? MountFlags.None : MountFlags.MS_NOEXEC) | (mount.ReadOnly ? MountFlags.MS_RDONLY : MountFlags.None);
            mounts.Add((MountPath.Depth(target), target, new MountTemporary(target, flags, Options(mount))));
        }

        for (var i = 1; i < mounts.Count; i++)
        {
            if (mounts.FindIndex(0, i, other => other.Path == mounts[i].Path) >= 0)
            {
                throw new SandboxException($"cannot mount on '{Quoted.Text(mounts[i].Path)}': two mounts want that place");
            }
        }

        return mounts.OrderBy(static mount => mount.Depth).Select(static mount => mount.Step); // a stable sort
    }

    private static string Options(TemporaryMount mount) =>
        $"mode={Convert.ToString(mount.Mode, 8)}"
        + (mount.Size is { } size ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $",size={size}") : string.Empty)
        + (mount.Others.Length > 0 ? "," + mount.Others : string.Empty);

    /// <summary>The path with '.', '..' and doubled slashes gone, as Docker cleans it; links in it are resolved later, inside the root.</summary>
    private static string Target(string destination)
    {
        if (!destination.StartsWith('/'))
        {
            throw new SandboxException($"cannot mount on '{Quoted.Text(destination)}': it is not an absolute path");
        }

        var clean = CleanPath.Of(destination);
        if (clean == "/")
        {
            throw new SandboxException("cannot mount on '/': that is the container's root");
        }

        if ((clean == "/proc" || clean.StartsWith("/proc/", StringComparison.Ordinal)) && !DefaultSandbox.MountableInProc.Contains(clean))
        {
            throw new SandboxException($"cannot mount on '{Quoted.Text(clean)}': nothing may cover /proc");
        }

        return clean;
    }
}
