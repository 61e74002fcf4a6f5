using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Reuse;
using Orca.Registry.Manifests;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <inheritdoc cref="IImageHistory"/>
internal sealed class ImageHistory(StoreRoot store) : IImageHistory
{
    /// <inheritdoc/>
    public IReadOnlyList<ImageStep> Read(StoredImage image)
    {
        var failure = $"cannot read the history of image {image.Digest.Abbreviated}";
        var path = StorePaths.Image(image.Digest);
        var (root, held) = FlatImage.Hold(store, image, CancellationToken.None);
        try
        {
            return Read(root, path, image, failure);
        }
        finally
        {
            FlatImage.Release(root, held);
        }
    }

    private static List<ImageStep> Read(Fd root, string path, StoredImage image, string failure)
    {
        var config = StoreDirectory.TryRead(root, $"{path}/{ImageReader.ConfigName}", DocumentLimits.Stored.Bytes) ?? throw new StoreException($"{failure}: it was removed meanwhile");
        var sizes = new Queue<long>(image.Config.DiffIds.Select(diffId => SizeOf(root, path, diffId)));
        var steps = new List<ImageStep>();
        foreach (var entry in HistoryReader.Read(config, failure))
        {
            steps.Add(new ImageStep(entry.Created, entry.CreatedBy, entry.Comment, !entry.IsEmpty && sizes.TryDequeue(out var size) ? size : 0));
        }

        // A config need not tell its history; the layers are there all the same.
        steps.AddRange(sizes.Select(static size => new ImageStep(null, string.Empty, string.Empty, size)));
        steps.Reverse();
        return steps;
    }

    /// <summary>The bytes of the files in a layer; 0 where the store has no record of it.</summary>
    private static long SizeOf(Fd root, string image, Digest diffId)
    {
        if (FileSystem.TryOpen(root, PathZ.From($"{image}/{LayerNames.Directory}"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var directory) != Errno.None)
        {
            return 0;
        }

        using (directory)
        {
            try
            {
                using var entries = EntryListReader.TryOpen(directory!, LayerNames.Entries(diffId), 0);
                var size = 0L;
                while (entries?.Next() == true)
                {
                    size += entries.Entry.Kind == EntryKind.File ? entries.Entry.Size : 0;
                }

                return size;
            }
            catch (Exception e) when (e is InvalidDataException or LinuxException)
            {
                return 0; // 'orca system check' is who says it
            }
        }
    }
}
