using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>A layer of an image that is made in the store.</summary>
/// <param name="layer">Its descriptor in the manifest.</param>
/// <param name="diffId">The digest of its archive.</param>
/// <param name="open">Opens the archive; null where there are only the files of another image, to be linked.</param>
internal sealed class CommittedLayer(Descriptor layer, Digest diffId, Func<Stream>? open) : ILayerSource
{
    internal Descriptor Layer => layer;

    public Digest DiffId => diffId;

    /// <summary>Whether the archive was asked for, and there is none.</summary>
    internal bool IsMissing { get; private set; }

    public void Announce()
    {
    }

    public Stream Open(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IsMissing = open is null;
        return open?.Invoke() ?? throw new ContentException($"the store has not the archive of layer {diffId.Abbreviated}");
    }
}
