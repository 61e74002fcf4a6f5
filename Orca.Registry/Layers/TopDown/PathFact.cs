namespace Orca.Registry.Layers.TopDown;

/// <summary>What layers say about one path.</summary>
[Flags]
internal enum PathFact : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something below it was spoken of, through whatever it is: a whiteout, or an entry that is not there any more.</summary>
    Mentioned = 1,

    /// <summary>A directory that entries below it need and none lists: a lower layer may give it its attributes.</summary>
    Implied = 2,

    /// <summary>A directory, with attributes.</summary>
    Listed = 4,

    /// <summary>Anything but a directory.</summary>
    Other = 8,

    /// <summary>Lower layers' entry of this path, and all below it, is hidden.</summary>
    Gone = 16,

    /// <summary>What lower layers have below this path is hidden.</summary>
    Opaque = 32,

    /// <summary>In the layer being applied: its entry exists, but layers above hide it.</summary>
    Unseen = 64,

    /// <summary>What is there.</summary>
    Kinds = Implied | Listed | Other,
}
