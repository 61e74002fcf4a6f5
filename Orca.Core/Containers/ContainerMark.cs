using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The files by which programs see that they run in a container: docker's, which is empty, and podman's, which says what container it is.</summary>
/// <remarks>
/// Both are places of the tree below every image (mount points), so that none is made for a run; podman's gets its content by a mount. Everything in it is
/// said inside anyway (HOSTNAME) or is the image's public name.
/// </remarks>
internal static class ContainerMark
{
    /// <summary>The version of orca that the file names.</summary>
    internal const string Version = "0.1.0";

    /// <summary>docker's file.</summary>
    internal const string Docker = "/.dockerenv";

    /// <summary>podman's file.</summary>
    internal const string Podman = "/run/.containerenv";

    /// <summary>podman's file, with what it says.</summary>
    internal static IEnumerable<GeneratedFile> Files(Surroundings surroundings)
    {
        if (surroundings.Record is { } record)
        {
            yield return new GeneratedFile(
                Podman,
                $"""
                engine="orca-{Version}"
                name="{record.Name}"
                id="{record.Name}"
                image="{record.Image}"
                imageid="{record.ImageDigest.Hex}"
                rootless={(surroundings.CallerUid == 0 ? 0 : 1)}

                """)
            { MayLack = true };
        }
    }

    /// <summary>docker's file, where the root is a copy: there is no tree below it.</summary>
    internal static IEnumerable<RootFile> RootFiles(RootFileSystem root) => root.Copy is null || root.IsShared ? [] : [new RootFile(Docker, null, default)];
}
