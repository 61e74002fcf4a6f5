using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>A layer in memory.</summary>
internal sealed class MemoryLayer(byte[] archive, Packing packing = Packing.Plain) : ILayerSource
{
    /// <summary>How often it was opened.</summary>
    public int Opened { get; private set; }

    public Digest DiffId { get; } = TestImage.DigestOf(archive);

    public void Announce()
    {
    }

    public Stream Open(CancellationToken cancellationToken)
    {
        Opened++;
        return packing == Packing.Plain ? new MemoryStream(archive) : LayerChain.Open(LayerBench.Pack(archive, packing), archive);
    }
}
