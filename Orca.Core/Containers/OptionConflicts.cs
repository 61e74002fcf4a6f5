using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Finds options that cannot be together: mounts and a working directory for which another mount has no room, which the kernel would refuse and name only one of the two.</summary>
public static class OptionConflicts
{
    /// <summary>Looks at the sources on the host; what cannot be decided there is left to the kernel.</summary>
    /// <exception cref="ReferenceException">Two options cannot be together.</exception>
    public static void Require(RunOptions run)
    {
        if (run is { Hostname: not null, Uts: NamespaceMode.Host })
        {
            throw new ReferenceException("cannot use '--hostname' with '--uts host': the host name is then this machine's", "leave one of them out");
        }

        foreach (var mount in run.Mounts)
        {
            if (KindOf(mount.Source) is { } kind) // a missing source is told by the mount itself
            {
                Require(run, mount.Destination, TextOf(mount), kind == FileKind.Directory, mayBeThere: false);
            }
        }

        foreach (var mount in run.TemporaryMounts)
        {
            Require(run, mount.Destination, TextOf(mount), isDirectory: true, mayBeThere: false);
        }

        if (run.WorkingDirectory is { Length: > 0 } directory)
        {
            Require(run, directory, $"-w {directory}", isDirectory: true, mayBeThere: true);
        }
    }

    private static void Require(RunOptions run, string destination, string text, bool isDirectory, bool mayBeThere)
    {
        var target = CleanPath.Of(destination);
        if (Above(run, target, mayBeThere) is not { } above)
        {
            if (!mayBeThere && !HasTemporaryAbove(run, target) && CleanPath.IsAtOrBelow(target, "/sys") && Look("/sys", target, out _) == Errno.ENOENT)
            {
                throw new ReferenceException($"cannot mount '{Quoted.Text(text)}': nothing can be made in /sys, where the kernel has no '{Quoted.Text(target)}'", "choose another place inside");
            }

            return;
        }

        var (verb, named) = (mayBeThere ? "start in" : "mount", Quoted.Text(text));
        var place = above.Source.TrimEnd('/') + target[CleanPath.Of(above.Destination).Length..];
        switch (Look(above.Source, place, out var kind))
        {
            case Errno.ENOTDIR:
                throw new ReferenceException($"cannot {verb} '{named}': '{Quoted.Text(TextOf(above))}' shows a file there, and nothing is below a file");
            case Errno.ENOENT when above.ReadOnly:
                throw new ReferenceException(
                    $"cannot {verb} '{named}': '{Quoted.Text(TextOf(above))}' is read-only, and the place is missing in it",
                    isDirectory ? $"make it first: mkdir -p '{Quoted.Text(place)}'" : $"make it first: touch '{Quoted.Text(place)}'");
            case Errno.None when kind != FileKind.SymbolicLink && (kind == FileKind.Directory) != isDirectory:
                throw new ReferenceException(
                    $"cannot {verb} '{named}': '{Quoted.Text(TextOf(above))}' shows a {(isDirectory ? "file" : "directory")} there",
                    "a directory can only be mounted on a directory, a file only on a file");
        }
    }

    /// <summary>The host path that is seen at a place, or above it where it is a mount's own; null when the root or an empty file system is.</summary>
    private static BindMount? Above(RunOptions run, string target, bool mayBeThere)
    {
        var (best, length) = ((BindMount?)null, 0);
        foreach (var mount in run.Mounts)
        {
            if (CleanPath.Of(mount.Destination) is var other && IsAbove(other))
            {
                (best, length) = (mount, other.Length);
            }
        }

        foreach (var mount in run.TemporaryMounts)
        {
            if (CleanPath.Of(mount.Destination) is var other && IsAbove(other))
            {
                (best, length) = (null, other.Length);
            }
        }

        return best;

        bool IsAbove(string other) => other.Length > length && CleanPath.IsAtOrBelow(target, other) && (mayBeThere || other != target);
    }

    private static bool HasTemporaryAbove(RunOptions run, string target) =>
        run.TemporaryMounts.Any(mount => CleanPath.Of(mount.Destination) is var other && other != target && CleanPath.IsAtOrBelow(target, other));

    /// <summary>What the kernel will find, as far as no link is on the way: where that leads is decided inside.</summary>
    private static Errno Look(string source, string place, out FileKind kind)
    {
        var error = FollowedKind(source, out kind);
        var end = source.TrimEnd('/').Length;
        while (error == Errno.None && end < place.Length && kind != FileKind.SymbolicLink)
        {
            if (kind != FileKind.Directory)
            {
                return Errno.ENOTDIR;
            }

            end = place.IndexOf('/', end + 1) is > 0 and var slash ? slash : place.Length;
            error = FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(place[..end])), out var status);
            kind = status.Kind;
        }

        return error;
    }

    private static FileKind? KindOf(string path) => FollowedKind(path, out var kind) == Errno.None ? kind : null;

    private static Errno FollowedKind(string path, out FileKind kind)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), Tmds.Linux.LibC.O_PATH, out var fd);
        using (fd)
        {
            kind = error == Errno.None ? FileSystem.Status(fd!).Kind : default;
            return error;
        }
    }

    private static string TextOf(BindMount mount) => $"-v {mount.Source}:{mount.Destination}{(mount.ReadOnly ? ":ro" : string.Empty)}";

    private static string TextOf(TemporaryMount mount) => $"--tmpfs {mount.Destination}";
}
