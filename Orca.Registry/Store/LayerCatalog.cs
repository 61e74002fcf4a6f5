using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Store;

/// <summary>Which layers the images of a store are made of, by their manifests.</summary>
internal sealed class LayerCatalog(StoreRoot store, ImageStore images)
{
    /// <summary>The layers of every whole image.</summary>
    internal HashSet<Digest> Published() => [.. images.Own().SelectMany(image => LayersOf(image.Digest))];

    /// <summary>The images that have a layer in common with another one, however it was packed: only these can share files.</summary>
    internal List<StoredImage> WithCommonLayers()
    {
        var users = new Dictionary<Digest, int>();
        var all = images.Own().Select(image => (Image: image, Layers: image.Config.DiffIds.Distinct().ToList())).ToList();
        foreach (var layer in all.SelectMany(static entry => entry.Layers))
        {
            users[layer] = users.GetValueOrDefault(layer) + 1;
        }

        return [.. all.Where(entry => entry.Layers.Exists(layer => users[layer] > 1)).Select(static entry => entry.Image)];
    }

    private IEnumerable<Digest> LayersOf(Digest image)
    {
        var bytes = StoreDirectory.TryRead(store.Open(), $"{StorePaths.Image(image)}/{ImageBuilder.ManifestName}", DocumentLimits.Stored.Bytes);
        try
        {
            return bytes is null ? [] : ManifestReader.ReadManifest(bytes, DocumentLimits.Stored).Layers.Select(static layer => layer.Digest);
        }
        catch (ContentException)
        {
            return [];
        }
    }
}
