namespace Orca.Core.Containers;

/// <summary>Looks where the paths of a run's mounts lead in the container's root, and the directories that orca has files in.</summary>
/// <remarks>Nothing is opened by what is found here: it only decides the order of mounts, and which files of orca's are left out.</remarks>
internal static class PlaceProbe
{
    private static readonly Dictionary<string, string> s_none = [];
    private static readonly string[] s_directories = ["/etc", "/etc/apt/apt.conf.d", "/run", "/run/orca"];

    /// <summary>The places, by clean path; none when nothing is mounted.</summary>
    internal static IReadOnlyDictionary<string, string> Look(IContainerPaths container, RunOptions run)
    {
        if (run.Files.Mounts.Count + run.Files.TemporaryMounts.Count == 0)
        {
            return s_none;
        }

        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        var covered = new List<string>();
        var targets = run.Files.Mounts.Select(static mount => mount.Destination).Concat(run.Files.TemporaryMounts.Select(static mount => mount.Destination));
        foreach (var target in targets.Select(CleanPath.Of).OrderBy(MountPath.Depth))
        {
            covered.Add(places[target] = Walk(container, target, covered));
        }

        foreach (var directory in run.Process.WorkingDirectory is { Length: > 0 } start ? s_directories.Prepend(CleanPath.Of(start)) : s_directories)
        {
            places.TryAdd(directory, Walk(container, directory, covered));
        }

        return places;
    }

    /// <summary>Follows links part by part, but not below a mount, which covers those of the root.</summary>
    private static string Walk(IContainerPaths container, string path, List<string> covered)
    {
        var place = "/";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = place == "/" ? "/" + part : $"{place}/{part}";
            place = covered.Exists(mount => CleanPath.IsAtOrBelow(place, mount)) ? next : container.Find(next).Place;
        }

        return place;
    }
}
