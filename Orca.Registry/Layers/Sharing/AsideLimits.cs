namespace Orca.Registry.Layers.Sharing;

/// <summary>Which hidden files may be kept beside a tree.</summary>
internal static class AsideLimits
{
    private const long MaxFile = 1024 * 1024;

    /// <summary>Small ones without a set-id bit: whoever shares a store finds those bits in trees only.</summary>
    internal static bool Allow(LayerEntry entry) => entry.Size <= MaxFile && (entry.Mode & OwnerMode.SetIds) == 0;
}
