namespace Orca.Registry.Layers;

/// <summary>Permission bits that everything in the store has on disk, so that its owner can always read, change and delete it.</summary>
internal static class OwnerMode
{
    /// <summary>u+rwx.</summary>
    internal const uint Directory = 0b111_000_000;

    /// <summary>u+r.</summary>
    internal const uint File = 0b100_000_000;

    /// <summary>Set-uid and set-gid, 06000: a store that is shared has none on the disk.</summary>
    internal const uint SetIds = 0b110_000_000_000;
}
