namespace Orca.Registry.Layers.TopDown;

/// <summary>What became of the entry that a hard link names.</summary>
internal enum LinkTarget
{
    /// <summary>Its own layer has not made it, so far.</summary>
    Unknown,

    /// <summary>It is on the disk, or on its way; of the base, where little is noted: it may be.</summary>
    OnDisk,

    /// <summary>Its layer made it, and upper layers hide it.</summary>
    Hidden,
}
