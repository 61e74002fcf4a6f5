namespace Orca.Core.Containers;

/// <summary>What every container's root has, whatever its image lacks: places of mounts, and what docker and podman add.</summary>
/// <remarks>The store makes them in the tree below every image; where the caller mounts, they make way for it.</remarks>
public static class RootPlaces
{
    /// <summary>Directories, parents first.</summary>
    public static IReadOnlyList<string> Directories { get; } = ["/dev", "/proc", "/sys", "/etc", "/run"];

    /// <summary>Empty files, for files of orca's to be mounted on.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [NetworkFiles.HostnamePath, NetworkFiles.Hosts, NetworkFiles.ResolvConf, ContainerMark.Podman, ContainerMark.Docker];

    /// <summary>Symbolic links and what they lead to: old programs look for mounts there.</summary>
    public static IReadOnlyList<(string Path, string Target)> Links { get; } = [("/etc/mtab", "/proc/mounts")];

    /// <summary>The files and links.</summary>
    public static IEnumerable<string> All => Files.Concat(Links.Select(static link => link.Path));
}
