using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Layers.Reuse;

/// <summary>What an image can take from stored ones, and where it writes down what others can take from it.</summary>
internal interface ILayerSharing
{
    /// <summary>Where the records of the layers go: an empty directory, made anew each time.</summary>
    Fd MakeDirectory();

    /// <summary>True when a stored image has the layer, whole or in part. The answer may be old when it comes, and is the same each time until the layer is given up.</summary>
    bool Has(Digest diffId);

    /// <summary>Says that layers come from their archives after all, whatever stored images have of them.</summary>
    /// <exception cref="StoreException">The space that was thought to be enough is not.</exception>
    void MarkUnavailable(IEnumerable<Digest> diffIds);

    /// <summary>Copies of the layer in stored images, the most promising first; each is held until it is disposed.</summary>
    IEnumerable<ReusableLayer> Find(Digest diffId);
}
