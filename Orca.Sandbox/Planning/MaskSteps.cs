using System.Globalization;
using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Hides what /proc and /sys would tell, and leaves to be seen what the caller mounts there.</summary>
/// <remarks>
/// One empty file system serves all masked directories, unless the caller mounts something on or below what it is made of or they are. Then each has one of
/// its own: before the caller's mount where that is below it (the kernel's files beside it stay hidden), none where it is at the place itself or replaces the whole
/// by something that is not the kernel's, and after all mounts elsewhere.
/// </remarks>
internal sealed class MaskSteps
{
    private const MountFlags Quiet = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
    private static readonly string[] s_kernelTrees = ["/dev", "/proc", "/sys"];

    private readonly SandboxSpec _spec;
    private readonly List<string> _directories = [];
    private readonly List<string> _withMounts = [];

    internal MaskSteps(SandboxSpec spec, HostFacts host, MountLayout layout)
    {
        _spec = spec;
        AreShared = ShareOne(spec, layout);
        foreach (var path in spec.ShowSystemPaths ? [] : DefaultSandbox.MaskedDirectories.Concat(host.ThermalThrottle))
        {
            var over = AreShared ? null : layout.Over(path);
            if (over is { } mount && (mount.Place == path || !host.ShowsKernel(mount)))
            {
                continue;
            }

            var hasMounts = !AreShared && over is null && layout.Mounts.Any(other => CleanPath.IsAtOrBelow(other.Place, path));
            (hasMounts ? _withMounts : _directories).Add(path);
        }
    }

    /// <summary>Whether all masks are one.</summary>
    internal bool AreShared { get; }

    /// <summary>Whether all masks can be one, where there are any.</summary>
    internal static bool ShareOne(SandboxSpec spec, MountLayout layout) => !spec.ShowSystemPaths
        && !layout.Mounts.Any(static mount => Array.Exists(s_kernelTrees, tree => CleanPath.IsAtOrBelow(mount.Place, tree) || CleanPath.IsAtOrBelow(mount.Target, tree)));

    /// <summary>Masks of files; they need orca's /dev/null.</summary>
    internal IEnumerable<Step> Files() => _spec.ShowSystemPaths ? [] : DefaultSandbox.MaskedFiles.Select(static path => new MaskFile(path));

    /// <summary>The masks of directories, where all are one.</summary>
    internal IEnumerable<Step> Shared() => _directories.Select(static path => new MaskDirectory(path, IsShared: true));

    /// <summary>Empty file systems that the caller's mounts are made in.</summary>
    internal IEnumerable<Step> BeforeMounts() => _withMounts.Select((path, i) => new MountTemporary(path, Quiet, "mode=755,size=64k") { Held = KeyOf(i) });

    /// <summary>Nothing but those mounts shows there, and nothing can be written.</summary>
    internal IEnumerable<Step> Seals() => _withMounts.Select((path, i) => new SealHeld(KeyOf(i), path));

    /// <summary>What else is hidden, and what can only be read.</summary>
    internal IEnumerable<Step> AfterMounts() => _spec.ShowSystemPaths ? [] :
        DefaultSandbox.ReadOnlyPaths.Select(static path => (Step)new ReadOnlyPath(path))
            .Concat(AreShared ? [] : _directories.Select(static path => new MaskDirectory(path, IsShared: false)));

    private static string KeyOf(int mask) => string.Create(CultureInfo.InvariantCulture, $"mask {mask + 1}");
}
