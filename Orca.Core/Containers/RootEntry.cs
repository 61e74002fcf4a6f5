namespace Orca.Core.Containers;

/// <summary>What a container's root has at a path before anything is mounted.</summary>
/// <param name="Place">The path without symbolic links; what is missing stays as it is. Absolute, clean, and inside.</param>
/// <param name="Kind">What is there.</param>
public readonly record struct RootEntry(string Place, RootEntryKind Kind)
{
    /// <summary>True: an empty directory or file that the image does not have. An earlier run's mount left it, and one of the other kind can take its place.</summary>
    public bool IsEmptyPlace { get; init; }
}

/// <summary>Kinds of what is at a path, as far as mounts differ.</summary>
public enum RootEntryKind
{
    /// <summary>Nothing, and it can be made.</summary>
    Missing,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>Anything else that is no symbolic link.</summary>
    File,

    /// <summary>Nothing, and it cannot be made: a file, or a circle of symbolic links, is on the way.</summary>
    Unreachable,
}
