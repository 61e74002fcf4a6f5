using Orca.Core.Linux;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Files as they come out of the layer's archive.</summary>
/// <remarks>
/// What is put aside is bounded: files of at most 1 MiB, all together an eighth of the archive as far as it was read, and a little to begin with. So what upper
/// layers delete to save space is not written, and the many small files that they replace or tidy away (the package manager's lists, documentation) are there for the next image:
/// 22 of 740 MB in the development image.
/// </remarks>
internal sealed class ArchiveFileSource(TarReader tar, bool keepsHidden = true) : IFileSource
{
    private long _aside;

    public ulong Write(FlatTree tree, LayerEntry entry, DirectoryNode parent, PathZ name, CancellationToken cancellationToken) =>
        FileWriter.Write(tree, tar, parent, name, cancellationToken);

    public bool TryRetain(FlatTree tree, LayerEntry entry, DirectoryNode aside, PathZ name, out ulong sum)
    {
        var mode = entry.Mode | OwnerMode.File;
        sum = 0;
        if (!keepsHidden || !AsideLimits.Allow(entry) || _aside + entry.Size > AsideLimits.Together(entry.Offset)
            || tree.Batches?.TryAdd(tree, tar, aside, name, mode & 0b111_111_111, mode, out sum) != true)
        {
            return false;
        }

        _aside += entry.Size;
        return true;
    }
}
