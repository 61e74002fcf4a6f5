using Orca.Core.Linux;

namespace Orca.Registry.Layers.Sharing;

/// <summary>Files as they come out of the layer's archive.</summary>
/// <remarks>
/// What is put aside is bounded: 1/32 of the archive as far as it was read, and a little to begin with. So a large file that an upper layer
/// deletes is not written, and the few that each package installation replaces (the package manager's lists, caches) are there for the
/// next image. Nothing with a set-id bit is: whoever shares a store finds those bits in trees only.
/// </remarks>
internal sealed class ArchiveFileSource(TarReader tar) : IFileSource
{
    private const long FirstAllowance = 256 * 1024;
    private const int Fraction = 32;

    private long _aside;

    public ulong Write(FlatTree tree, LayerEntry entry, DirectoryNode parent, PathZ name, CancellationToken cancellationToken) =>
        FileWriter.Write(tree, tar, parent, name, cancellationToken);

    public bool TryPutAside(FlatTree tree, LayerEntry entry, DirectoryNode aside, PathZ name, out ulong sum)
    {
        var mode = entry.Mode | OwnerMode.File;
        sum = 0;
        if ((entry.Mode & OwnerMode.SetIds) != 0 || _aside + entry.Size > FirstAllowance + (entry.Offset / Fraction)
            || tree.Batches?.TryAdd(tree, tar, aside, name, mode & 0x1FF, mode, out sum) != true)
        {
            return false;
        }

        _aside += entry.Size;
        return true;
    }
}
