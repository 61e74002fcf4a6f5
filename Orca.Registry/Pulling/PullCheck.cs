using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Pulling;

/// <summary>What must hold of an image before the first byte of a layer is asked for.</summary>
internal static class PullCheck
{
    /// <exception cref="ContentException">Manifest and config contradict each other, or there is nothing to run.</exception>
    internal static void Require(ImageReference reference, ImageContent content)
    {
        var layers = content.Manifest.Layers;
        var diffIds = content.Config.DiffIds;
        if (layers.Count != diffIds.Count)
        {
            throw new ContentException($"cannot pull '{reference.Familiar}': the manifest has {layers.Count} layers and the config {diffIds.Count} diff ids");
        }

        if (layers.Count == 0)
        {
            throw new ContentException($"cannot pull '{reference.Familiar}': it has no layers"); // else a run would start in an empty tree (CVE-2026-24054)
        }

        var sizes = new Dictionary<Digest, long>();
        foreach (var layer in layers)
        {
            if (layer.Size < 0 || (!sizes.TryAdd(layer.Digest, layer.Size) && sizes[layer.Digest] != layer.Size))
            {
                throw new ContentException($"cannot pull '{reference.Familiar}': the manifest contradicts itself about the size of layer {layer.Digest}");
            }
        }
    }
}
