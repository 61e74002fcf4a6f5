using Orca.Core.Linux;
using Orca.Core.References;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.Reuse;

/// <summary>A layer as a stored image has it. The image is only read: what is linked into another tree is the same inode, and neither is ever written to.</summary>
/// <param name="tree">The image's tree.</param>
/// <param name="layers">Its records of layers.</param>
/// <param name="diffId">The layer.</param>
/// <param name="ignoredBits">Permission bits that its files need not have on the disk.</param>
/// <param name="hold">Keeps the image from being removed.</param>
internal sealed class ReusableLayer(Fd tree, Fd layers, Digest diffId, uint ignoredBits, IDisposable hold) : IDisposable
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

    /// <summary>Puts a second name of the states in the place of a file with the same bytes, beside another tree, if that can be: both images hide the same of the layer, or nothing.</summary>
    internal void TryShareStates(Fd directory)
    {
        var name = PathZ.From(LayerNames.Files(diffId));
        var link = PathZ.From(LayerNames.Files(diffId) + ".link");
        if (HasSame(directory, name) && FileSystem.TryHardLink(layers, name, directory, link) == Errno.None
            && FileSystem.TryRename(directory, link, directory, name) != Errno.None)
        {
            FileSystem.TryUnlink(directory, link);
        }
    }

    public void Dispose()
    {
        tree.Dispose();
        layers.Dispose();
        hold.Dispose();
    }

    private bool HasSame(Fd directory, PathZ name)
    {
        try
        {
            using var ours = new FdStream(FileSystem.Open(layers, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
            using var theirs = new FdStream(FileSystem.Open(directory, name, O_RDONLY | O_NOFOLLOW));
            Span<byte> first = new byte[64 * 1024], second = new byte[64 * 1024];
            var count = first.Length;
            while (count > 0)
            {
                count = ours.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
                if (!first[..count].SequenceEqual(second[..theirs.ReadAtLeast(second, second.Length, throwOnEndOfStream: false)]))
                {
                    return false;
                }
            }

            return true;
        }
        catch (LinuxException)
        {
            return false; // then each has its own
        }
    }
}
