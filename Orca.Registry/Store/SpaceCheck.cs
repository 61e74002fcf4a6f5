using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Refuses early what cannot fit: the compressed layers alone are more than the disk has free. How large they are inflated nobody knows yet.</summary>
internal static class SpaceCheck
{
    /// <exception cref="StoreException">There is less space than the layers need, parts of earlier runs counted.</exception>
    internal static void Require(Fd root, IReadOnlyList<Descriptor> layers)
    {
        long need = 0;
        foreach (var layer in layers.DistinctBy(static layer => layer.Digest))
        {
            var there = FileSystem.TryStatus(root, PathZ.From(StorePaths.Part(layer.Digest)), out var part) == Errno.None ? part.Size : 0;
            need = long.Max(need, need + long.Max(0, layer.Size - there)); // sizes are foreign numbers: no overflow
        }

        // Some file systems say nothing about their size (ramfs, FUSE without statfs): of these the disk itself will tell.
        var state = FileSystem.StateOf(root);
        var free = state.FreeBytes;
        if (need > free && state.TotalBytes > 0)
        {
            throw new StoreException(
                $"cannot store the image: it needs more than {StoreFaults.Bytes(need)}, and {StoreFaults.Bytes(free)} are free in the store (for the layers as they come; unpacked they are larger)",
                "free some space ('df -h' shows how much there is, 'orca system prune' deletes what nothing refers to), or place the store elsewhere with --root or ORCA_ROOT");
        }
    }
}
