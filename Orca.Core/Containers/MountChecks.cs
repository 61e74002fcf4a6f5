using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Says why mounts of a run cannot be made, before anything starts: the kernel would refuse one and name neither its cause nor the other one.</summary>
internal sealed class MountChecks
{
    private const string KindHint = "a directory can only be mounted on a directory, a file only on a file";
    private static readonly string[] s_directoriesInDev = ["/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"];
    private static readonly string[] s_filesInDev =
    [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts/ptmx", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/core",
    ];

    private readonly IContainerPaths? _container;
    private readonly RunOptions _run;

    /// <param name="run">All that counts for the run.</param>
    /// <param name="container">The container's root; null when it is not known yet, and nothing of it is looked at.</param>
    internal MountChecks(RunOptions run, IContainerPaths? container)
    {
        (_run, _container) = (run, container);
        Places = container is null ? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty : PlaceProbe.Look(container, run);
        Layout = new MountLayout(run.Files.Mounts, run.Files.TemporaryMounts, Places);
    }

    /// <summary>Where the run's paths lead, see <see cref="PlaceProbe"/>.</summary>
    internal IReadOnlyDictionary<string, string> Places { get; }

    /// <summary>The mounts in their order.</summary>
    internal MountLayout Layout { get; }

    /// <summary>Whether an empty place of an earlier run's mount is of the other kind than what is mounted there now, and makes way for it.</summary>
    internal bool ChangesKind(PlacedMount mount) => Find(mount) is { IsEmptyPlace: true } entry && IsDirectory(mount) == (entry.Kind != RootEntryKind.Directory);

    /// <summary>How a mount is typed.</summary>
    internal string TextOf(PlacedMount mount) => mount.IsTemporary ? $"--tmpfs {_run.Files.TemporaryMounts[mount.Index].Destination}" : TextOf(_run.Files.Mounts[mount.Index]);

    /// <summary>Why a mount cannot be made, its source included; null when nothing is known against it.</summary>
    internal MountProblem? Problem(PlacedMount mount) =>
        (mount.IsTemporary ? null : MountSource.Problem(_run.Files.Mounts[mount.Index].Source, out _)) ?? ProblemOfPlace(mount);

    /// <summary>Why there is no room for a mount; null when nothing is known against it, or its source is missing.</summary>
    internal MountProblem? ProblemOfPlace(PlacedMount mount)
    {
        if (IsDirectory(mount) is not { } isDirectory)
        {
            return null;
        }

        if (AboveOf(mount) is { } above)
        {
            var problem = ProblemIn(above, mount.Place, isDirectory);
            return problem is null || mount.Place == mount.Target || CleanPath.IsAtOrBelow(mount.Target, above.Target) ? problem
                : problem with { Cause = $"symbolic links of the container lead to '{Quoted.Text(mount.Place)}', and {problem.Cause}" };
        }

        return Find(mount) is { IsEmptyPlace: false } entry && !MakesWay(mount) ? ProblemOf(entry, isDirectory) : null;
    }

    /// <summary>Why the command cannot start in a directory; null when nothing is known against it.</summary>
    internal MountProblem? ProblemOfStart(string directory)
    {
        var place = Layout.PlaceOf(directory);
        return Above(place, Layout.Mounts.Count) is { } above ? ProblemIn(above, place, isDirectory: true) : null;
    }

    private static MountProblem? ProblemOf(RootEntry entry, bool isDirectory)
    {
        var place = Quoted.Text(entry.Place);
        return entry.Kind switch
        {
            RootEntryKind.Unreachable => new($"nothing can be at '{place}' in the container: a file is on the way, or symbolic links go in a circle", "choose another place inside"),
            RootEntryKind.Missing when CleanPath.IsAtOrBelow(entry.Place, "/sys") => new($"nothing can be made in /sys, where the kernel has no '{place}'", "choose another place inside"),
            RootEntryKind.Missing or RootEntryKind.File or RootEntryKind.Directory when CleanPath.IsAtOrBelow(entry.Place, "/proc") && !MountPath.ReplaceableInProc.Contains(entry.Place) =>
                new($"symbolic links of the container lead to '{place}', and nothing may cover /proc", "choose another place inside"),
            RootEntryKind.File when isDirectory => new($"it is a directory, and the container has a file at '{place}'", KindHint),
            RootEntryKind.Directory when !isDirectory => new($"it is a file, and the container has a directory at '{place}'", KindHint),
            _ => null,
        };
    }

    /// <summary>Whether what is at the place is orca's, or stands in for it, and goes when something is mounted there.</summary>
    private bool MakesWay(PlacedMount mount) =>
        RootPlaces.All.Concat(AptSettings.Files.Select(static file => file.Path)).Any(path => Layout.IsTakenBy(mount, path));

    /// <summary>What the container's root has at the place of a mount; null when another mount is there, or nobody knows.</summary>
    private RootEntry? Find(PlacedMount mount)
    {
        if (AboveOf(mount) is not null)
        {
            return null;
        }

        var place = mount.Place;
        return CleanPath.IsAtOrBelow(place, "/dev") ? InDev(place) : CleanPath.IsAtOrBelow(place, "/proc") ? InProc(place) : CleanPath.IsAtOrBelow(place, "/sys") ? InSys(place)
            : _container?.Find(place) is not { } entry ? null
            : entry.Kind == RootEntryKind.Missing && RootPlaces.Directories.Contains(place) ? entry with { Kind = RootEntryKind.Directory } : entry;
    }

    private static RootEntry InDev(string place) => new(place, Array.IndexOf(s_directoriesInDev, place) >= 0 ? RootEntryKind.Directory
        : Array.IndexOf(s_filesInDev, place) >= 0 ? RootEntryKind.File
        : Array.Exists(s_filesInDev, file => CleanPath.IsAtOrBelow(place, file)) ? RootEntryKind.Unreachable : RootEntryKind.Missing);

    private static RootEntry InProc(string place) => new(place, MountPath.ReplaceableInProc.Contains(place) ? RootEntryKind.File : RootEntryKind.Missing);

    private static RootEntry? InSys(string place)
    {
        var error = HostTree.Look("/sys", place, out var kind);
        return error == Errno.ENOTDIR ? new RootEntry(place, RootEntryKind.Unreachable)
            : error == Errno.ENOENT ? new RootEntry(place, RootEntryKind.Missing)
            : error != Errno.None || kind == FileKind.SymbolicLink ? null
            : new RootEntry(place, kind == FileKind.Directory ? RootEntryKind.Directory : RootEntryKind.File);
    }

    /// <summary>Whether a directory is mounted; null when the source is missing.</summary>
    internal bool? IsDirectory(PlacedMount mount) =>
        mount.IsTemporary ? true : MountSource.Problem(_run.Files.Mounts[mount.Index].Source, out var kind) is null ? kind == FileKind.Directory : null;

    /// <summary>The mount that is there, or above, when another one is made.</summary>
    private PlacedMount? AboveOf(PlacedMount mount)
    {
        for (var i = 0; i < Layout.Mounts.Count; i++)
        {
            if (Layout.Mounts[i] == mount)
            {
                return Above(mount.Place, i);
            }
        }

        return null;
    }

    /// <summary>The last of the first mounts that is seen at a place; null for the root, and for the container's own /dev.</summary>
    private PlacedMount? Above(string place, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            if (CleanPath.IsAtOrBelow(place, Layout.Mounts[i].Place))
            {
                return Layout.Mounts[i] is { IsTemporary: true, Place: "/dev" } ? null : Layout.Mounts[i];
            }
        }

        return null;
    }

    /// <summary>Why another mount has no room for a place; an empty file system has.</summary>
    private MountProblem? ProblemIn(PlacedMount above, string place, bool isDirectory)
    {
        if (above.IsTemporary)
        {
            return above.Place != place || isDirectory ? null : new MountProblem($"'{Quoted.Text(TextOf(above))}' shows a directory there", KindHint);
        }

        var (mount, text) = (_run.Files.Mounts[above.Index], Quoted.Text(TextOf(above)));
        var path = mount.Source.TrimEnd('/') + place[above.Place.TrimEnd('/').Length..];
        return HostTree.Look(mount.Source, path, out var kind) switch
        {
            Errno.ENOTDIR => new MountProblem($"'{text}' shows a file there, and nothing is below a file"),
            Errno.ENOENT when mount.ReadOnly => new MountProblem(
                $"'{text}' is read-only, and the place is missing in it", isDirectory ? $"make it first: mkdir -p '{Quoted.Text(path)}'" : $"make it first: touch '{Quoted.Text(path)}'"),
            Errno.None when kind != FileKind.SymbolicLink && (kind == FileKind.Directory) != isDirectory =>
                new MountProblem($"'{text}' shows a {(isDirectory ? "file" : "directory")} there", KindHint),
            _ => null,
        };
    }

    private static string TextOf(BindMount mount) => $"-v {mount.Source}:{mount.Destination}{(mount.ReadOnly ? ":ro" : string.Empty)}";
}
