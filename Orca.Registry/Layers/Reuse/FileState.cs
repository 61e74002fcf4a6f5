namespace Orca.Registry.Layers.Reuse;

/// <summary>Where a stored image has a file of one of its layers.</summary>
internal enum FileState : byte
{
    /// <summary>Nowhere: upper layers hide it.</summary>
    Absent,

    /// <summary>In its tree, under the entry's own path.</summary>
    InTree,

    /// <summary>Beside its tree, under the entry's number.</summary>
    Aside,
}
