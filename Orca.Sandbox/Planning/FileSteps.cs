using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Puts orca's files where they can be seen: in the root before anything is mounted there, or in an empty file system of the caller's that covers their place.</summary>
/// <remarks>Where the caller mounts at their place or below, or shows a path of the host above it, they are left out: nothing is written into what is the caller's.</remarks>
internal sealed class FileSteps(SandboxSpec spec, HostFacts host, MountLayout layout)
{
    /// <summary>Writes the files aside, to be mounted later.</summary>
    internal IEnumerable<Step> Hold() => Shown.Select(file => new HoldFile(KeyOf(file), file.Content, spec.ReadOnly));

    /// <summary>The files that the root itself shows, and the places of those that the caller's mounts replace.</summary>
    internal IEnumerable<Step> InRoot()
    {
        foreach (var path in spec.Files.Select(static file => file.Path).Union(RootPlaces.All).Union(spec.EmptyPlaces).Where(layout.IsTaken))
        {
            if (layout.Over(DirectoryOf(layout.PlaceOfFile(path))) is not null)
            {
                continue;
            }

            yield return new ClearPlace(path, WantsDirectory(path));
            if (!WantsDirectory(path) && IsLink(path))
            {
                yield return new ClearPlace(path, IsFile: true);
            }
        }

        foreach (var file in spec.RootFiles)
        {
            if (!layout.Hides(file.Path) && Over(file.Path) is null)
            {
                yield return new ReplaceFile(file);
            }
        }

        foreach (var file in Shown)
        {
            if (Over(file.Path) is null)
            {
                yield return new AttachFile(KeyOf(file), file.Path, file.MayLack);
            }
        }
    }

    /// <summary>The files that an empty file system of the caller's shows.</summary>
    internal IEnumerable<Step> In(PlacedMount mount)
    {
        foreach (var file in spec.RootFiles)
        {
            if (!layout.Hides(file.Path) && Over(file.Path) == mount)
            {
                yield return new ReplaceFile(file with { Path = layout.PlaceOfFile(file.Path), MayLack = true });
            }
        }

        foreach (var file in Shown)
        {
            if (Over(file.Path) == mount)
            {
                yield return new AttachFile(KeyOf(file), layout.PlaceOfFile(file.Path), MayLack: true);
            }
        }
    }

    /// <summary>A directory where one is mounted, and where something is mounted below.</summary>
    private bool WantsDirectory(string path) => layout.Mounts.Any(mount =>
        layout.IsTakenBy(mount, path) && (mount.IsTemporary || host.SourceIsDirectory[mount.Index] || !layout.IsAt(mount, path)));

    private static bool IsLink(string path) => RootPlaces.Links.Any(link => link.Path == path); // it would lead the mount away

    private IEnumerable<GeneratedFile> Shown => spec.Files.Where(file => !layout.Hides(file.Path));

    private PlacedMount? Over(string path) => layout.Mounts.Count == 0 ? null : layout.Over(DirectoryOf(layout.PlaceOfFile(path)));

    private static string DirectoryOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    private static string KeyOf(GeneratedFile file) => file.Path[(file.Path.LastIndexOf('/') + 1)..];
}
