using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Layers.Sharing;

/// <summary>A layer as a stored image has it. The image is only read: what is linked into another tree is the same inode, and neither is ever written to.</summary>
/// <param name="tree">The image's tree.</param>
/// <param name="layers">Its records of layers.</param>
/// <param name="diffId">The layer.</param>
/// <param name="ignoredBits">Permission bits that its files need not have on the disk.</param>
/// <param name="hold">Keeps the image from being removed.</param>
internal sealed class LayerDonor(Fd tree, Fd layers, Digest diffId, uint ignoredBits, IDisposable hold) : IDisposable
{
    /// <summary>Reads the layer from its first entry; null when it is not there.</summary>
    /// <exception cref="InvalidDataException">Its records are damaged.</exception>
    internal StoredLayer? TryOpen(int number) => StoredLayer.TryOpen(tree, layers, diffId, ignoredBits, number);

    /// <summary>Gives the list of entries a second name, beside another tree; false when that cannot be.</summary>
    internal bool TryLinkEntries(Fd directory)
    {
        var path = PathZ.From(LayerNames.Entries(diffId));
        return FileSystem.TryHardLink(layers, path, directory, path) == Errno.None;
    }

    /// <summary>Puts a second name of the states in the place of a file with the same bytes, beside another tree.</summary>
    internal void ShareStates(Fd directory)
    {
        var name = LayerNames.Files(diffId);
        var link = PathZ.From(name + ".link");
        if (RecordFileReader.AreSame(layers, directory, name) && FileSystem.TryHardLink(layers, PathZ.From(name), directory, link) == Errno.None)
        {
            FileSystem.Rename(directory, link, directory, PathZ.From(name));
        }
    }

    public void Dispose()
    {
        tree.Dispose();
        layers.Dispose();
        hold.Dispose();
    }
}
