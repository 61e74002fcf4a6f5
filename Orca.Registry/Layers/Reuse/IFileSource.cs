using Orca.Core.Linux;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Where the files of a layer come from: its archive, or a stored image that has the layer too.</summary>
internal interface IFileSource
{
    /// <summary>Makes the file of an entry.</summary>
    /// <returns>The <see cref="ContentSum"/> of its bytes; 0 when that is not known.</returns>
    ulong Write(FlatTree tree, LayerEntry entry, DirectoryNode parent, PathZ name, CancellationToken cancellationToken);

    /// <summary>Puts a file that upper layers hide beside the tree, if that costs little.</summary>
    bool TryRetain(FlatTree tree, LayerEntry entry, DirectoryNode aside, PathZ name, out ulong sum);
}
