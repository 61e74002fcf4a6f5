using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Store;

namespace Orca.Registry.Archives;

/// <summary>Where a directory goes in the image that is made of it, and over which image.</summary>
internal static class BuildPlace
{
    /// <summary>Returns an absolute path as the names of an archive have it: without a slash at either end.</summary>
    /// <exception cref="ReferenceException">It is not an absolute path, or goes up.</exception>
    internal static byte[] Read(string into)
    {
        var names = into.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return into.StartsWith('/') && !into.Contains('\0', StringComparison.Ordinal) && !names.Any(static name => name is "." or ".." || name.StartsWith(".wh.", StringComparison.Ordinal))
            ? NativeText.Encode(string.Join('/', names))
            : throw new ReferenceException($"cannot put files into '{Quoted.Text(into)}' of an image: it is not an absolute path without '.' and '..'");
    }

    /// <summary>Puts the one tree of a location over a stored image; without one it stays as it is.</summary>
    /// <exception cref="StoreException">The image is not in the store.</exception>
    /// <exception cref="ContentException">The location has no tree but images.</exception>
    internal static (IReadOnlyList<LocalImage> Images, FlatImage? Lower) Layer(
        IReadOnlyList<LocalImage> images, LoadRequest request, StoreRoot root, IImageStore store, IShortNames? names, string failure, CancellationToken cancellationToken)
    {
        if (request.Base is not { } name)
        {
            return (images, null);
        }

        if (images is not [TreeImage tree])
        {
            throw new ContentException($"{failure}: it is not a tree of files, and only that can be put over another image");
        }

        var image = store.Find(names?.InStore(store, name) ?? name) ?? throw new StoreException($"{failure}: the image '{name.Familiar}' that it goes over is not in the store");
        var lower = FlatImage.Open(root, image, cancellationToken);
        return ([new LayeredImage(lower, tree) { Changes = request.Defaults, Note = tree.Note }], lower);
    }
}
