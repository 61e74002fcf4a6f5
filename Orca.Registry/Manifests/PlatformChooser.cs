using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Manifests;

/// <summary>Chooses the image of an index that runs best on a platform.</summary>
/// <remarks>
/// Operating system and architecture must be equal. Variants run downwards: an arm/v7 machine runs v7, then v6, then v5; arm64 and arm64/v8 are one;
/// amd64 takes the plain (v1) image, and one for a newer level only when there is no plain one and the processor is of that level.
/// Of equals the first in the index is taken. Entries for <c>unknown/unknown</c> (attestations), artifacts, and those of other media types than a manifest's, never match.
/// </remarks>
internal static class PlatformChooser
{
    private static readonly string[] Arm = ["v8", "v7", "v6", "v5"];
    private static readonly string[] Amd64 = ["v4", "v3", "v2", "v1"];

    /// <summary>The entry for the platform; else the first that names no platform, whose config must tell; else null.</summary>
    internal static Descriptor? Choose(IReadOnlyList<Descriptor> index, Platform platform)
    {
        foreach (var variant in Preferences(platform))
        {
            foreach (var entry in index.Where(IsManifest))
            {
                if (entry.Platform is { } offered && SameMachine(offered, platform) && Normal(offered) == variant)
                {
                    return entry;
                }
            }
        }

        return index.FirstOrDefault(static entry => entry.Platform is null && IsManifest(entry));
    }

    /// <summary>As <see cref="Choose(IReadOnlyList{Descriptor}, Platform)"/>; where there is none, the entry for the first of the others that has one.</summary>
    internal static Descriptor? Choose(IReadOnlyList<Descriptor> index, Platform platform, IReadOnlyList<Platform> others) =>
        Choose(index, platform) ?? others.Select(other => Choose(index, other)).FirstOrDefault(entry => entry is not null);

    /// <summary>What else runs, when the machine's own platform is asked for.</summary>
    internal static IReadOnlyList<Platform> Others(Platform asked) => asked == Platform.Current ? Platform.AlsoRuns : [];

    /// <summary>True when a config's platform is one that the asked-for platform runs.</summary>
    internal static bool Runs(Platform asked, Platform offered) => RunsAsItIs(asked, offered) || Others(asked).Any(other => RunsAsItIs(other, offered));

    private static bool RunsAsItIs(Platform asked, Platform offered) =>
        offered.Os == asked.Os && offered.Architecture is var architecture
        && (architecture == asked.Architecture || architecture == ImageConfigReader.UnknownArchitecture);

    /// <summary>True for an entry that may lead to an image; readers of an index pass over the others (OCI image-spec, image-index.md).</summary>
    internal static bool IsManifest(Descriptor entry) => entry.ArtifactType is null && ManifestFields.MayBeManifest(entry.MediaType);

    /// <summary>Why nothing was chosen, for a message: <c>there is no image for linux/amd64, only for linux/arm64/v8</c>.</summary>
    internal static string Missing(IReadOnlyList<Descriptor> index, Platform platform)
    {
        return index.Count > 0 && !index.Any(IsManifest) ? ManifestFields.NotAnImage(index[0].ArtifactType ?? index[0].MediaType)
            : $"there is no image for {platform}, only for {Platforms(index)}";
    }

    /// <summary>The platforms of an index, for a message: <c>linux/amd64, linux/arm64/v8</c>, or <c>nothing</c>.</summary>
    internal static string Platforms(IReadOnlyList<Descriptor> index)
    {
        const int shown = 20;
        var platforms = index.Where(static entry => IsManifest(entry) && entry.Platform is { } p && p.Os != "unknown").Select(static entry => entry.Platform!.ToString()).Distinct(StringComparer.Ordinal).ToList();
        return Quoted.Text(platforms.Count == 0 ? "nothing" : string.Join(", ", platforms.Take(shown)) + (platforms.Count > shown ? ", ..." : string.Empty));
    }

    private static bool SameMachine(Platform offered, Platform asked) => offered.Os == asked.Os && offered.Architecture == asked.Architecture;

    /// <summary>The variants that run, best first; null stands for none.</summary>
    private static IEnumerable<string?> Preferences(Platform platform) => platform.Architecture switch
    {
        "arm" => Downwards(Arm, Normal(platform)),
        "amd64" when platform.Variant is null => Amd64.Where(ProcessorLevel.Runs).Prepend<string?>("v1"), // which the processor is asked about only when there is no plain one
        "amd64" => Downwards(Amd64, Normal(platform)),
        _ => new[] { Normal(platform) },
    };

    private static string?[] Downwards(string?[] variants, string? from)
    {
        var start = Array.IndexOf(variants, from);
        return start < 0 ? [from] : variants[start..];
    }

    private static string? Normal(Platform platform) => (platform.Architecture, platform.Variant) switch
    {
        ("arm", null) => "v7",
        ("arm64", null) => "v8",
        ("amd64", null) => "v1",
        (_, var variant) => variant,
    };
}
