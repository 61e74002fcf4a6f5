namespace Orca.Registry.Layers.Reuse;

/// <summary>Which hidden files may be kept beside a tree.</summary>
internal static class AsideLimits
{
    private const long MaxFile = 1024 * 1024;
    private const long FirstAllowance = 512 * 1024;
    private const int Fraction = 8;

    /// <summary>Small ones without a set-id bit: whoever shares a store finds those bits in trees only.</summary>
    internal static bool Allow(LayerEntry entry) => entry.Size <= MaxFile && (entry.Mode & OwnerMode.SetIds) == 0;

    /// <summary>Bytes that they may have together.</summary>
    /// <param name="archive">How large the layer's archive is, as far as it was read.</param>
    internal static long Together(long archive) => FirstAllowance + (archive / Fraction);
}
