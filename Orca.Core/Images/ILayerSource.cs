using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>One layer of an image, which can be read as often as needed.</summary>
public interface ILayerSource
{
    /// <summary>What the uncompressed archive is: layers of the same diff id are the same.</summary>
    Digest DiffId { get; }

    /// <summary>Says that the layer will be opened: who has to fetch it may begin, beside others. May be said again, and need not be said.</summary>
    void Announce();

    /// <summary>Opens the uncompressed archive at its first byte. Two streams of one source are never open at once.</summary>
    /// <remarks>The stream verifies itself: it throws <see cref="Errors.ContentException"/> at its end when the bytes were not the promised ones.</remarks>
    Stream Open(CancellationToken cancellationToken);
}
