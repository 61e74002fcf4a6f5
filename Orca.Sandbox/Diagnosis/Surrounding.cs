using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Sandbox.Diagnosis;

/// <summary>What stands around this process and may restrict it. Looked at only after something has failed.</summary>
internal static class Surrounding
{
    private const int Limit = 1 << 20;

    /// <summary>The container that this process is in, by the mark that its engine leaves; null when there is none.</summary>
    internal static string? Container() =>
        Exists("/.dockerenv") ? "docker"
        : Exists("/run/.containerenv") ? "podman"
        : Exists("/.flatpak-info") ? "flatpak"
        : Environment.GetEnvironmentVariable("container") is { Length: > 0 } name ? name
        : Read("/run/systemd/container")?.Trim() is { Length: > 0 } marked ? marked
        : null;

    /// <summary>True when the root directory is no mount's root: the kernel then makes no user namespaces (user_namespaces(7), EPERM).</summary>
    internal static bool IsChroot() => FileSystem.TryStatus(null, PathZ.OfTerminated("/\0"u8), out var root) == Errno.None && !root.IsMountRoot;

    /// <summary>A kernel setting below /proc/sys, trimmed; null when this kernel has none of that name.</summary>
    internal static string? Sysctl(string name) => Read("/proc/sys/" + name)?.Trim();

    /// <summary>A small file as text; null when it cannot be read.</summary>
    internal static string? Read(string path) => HostFileReader.ReadDefault(path, Limit) is { IsRead: true } file ? file.Text : null;

    private static bool Exists(string path) => FileSystem.TryStatus(null, PathZ.From(path), out _) == Errno.None;
}
