using Orca.Core.Images;

namespace Orca.Core.Containers;

/// <summary>Directories with names, which containers mount and which outlive them.</summary>
public interface IVolumeStore
{
    /// <summary>The volume of this name; null when there is none.</summary>
    Volume? Find(string name);

    /// <summary>All volumes, by name.</summary>
    IReadOnlyList<Volume> List();

    /// <summary>Makes a volume where there is none of this name: all of it or nothing, whoever else does so at the same time.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="image">The image that a new one is filled from; null for an empty one.</param>
    /// <param name="inside">The directory of the image that it is filled with.</param>
    /// <exception cref="Errors.StoreException">It is no valid name, or there is no room.</exception>
    Volume Ensure(string name, StoredImage? image = null, string inside = "/");

    /// <summary>Deletes a volume and what is in it.</summary>
    /// <exception cref="Errors.StoreException">No such volume, or a container uses it.</exception>
    void Remove(string name);

    /// <summary>The containers that a volume is mounted in, kept or running.</summary>
    IReadOnlyList<string> UsersOf(Volume volume);
}

/// <summary>A directory with a name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Where its files lie, absolute.</param>
/// <param name="Created">When it was made.</param>
public sealed record Volume(string Name, string Path, DateTimeOffset Created);
