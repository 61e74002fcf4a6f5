using System.Collections.Concurrent;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Testing;

/// <summary>A registry in memory: register it as <see cref="IImageSource"/> before <c>AddOrcaRegistry</c>, and every pull comes from it.</summary>
/// <remarks>What is pulled is verified, stored and run by the library itself. There is no network. Safe to use from many threads.</remarks>
public sealed class MemoryRegistry : IImageSource
{
    private readonly ConcurrentDictionary<string, (ImageContent Content, IReadOnlyDictionary<Digest, byte[]> Blobs)> _images = new(StringComparer.Ordinal);
    private int _opened;

    /// <summary>How often a layer was asked for.</summary>
    public int Fetched => _opened;

    /// <summary>Adds an image under a name, or replaces the one that has it.</summary>
    /// <returns>The digest of the image.</returns>
    /// <exception cref="ReferenceException">The name breaks the grammar.</exception>
    public Digest Add(string name, MemoryImage image, Platform? platform = null)
    {
        var (content, blobs) = image.Build(platform ?? Platform.Current);
        Add(name, content, blobs);
        return content.Digest;
    }

    /// <summary>Adds an image whose documents and blobs the test has made itself; that they agree is not looked at.</summary>
    /// <exception cref="ReferenceException">The name breaks the grammar.</exception>
    public void Add(string name, ImageContent content, IReadOnlyDictionary<Digest, byte[]> blobs) => _images[ImageReference.Parse(name).ToString()] = (content, blobs);

    /// <inheritdoc/>
    public Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Find(reference).Content);
    }

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _opened);
        return Find(reference).Blobs.TryGetValue(blob.Digest, out var bytes)
            ? Task.FromResult<Stream>(new MemoryStream(bytes, (int)offset, bytes.Length - (int)offset, writable: false))
            : throw new RegistryException($"cannot fetch {blob.Digest}: the registry has no such blob");
    }

    /// <inheritdoc/>
    public bool ReportCorruption(ImageReference reference, Descriptor blob) => false;

    private (ImageContent Content, IReadOnlyDictionary<Digest, byte[]> Blobs) Find(ImageReference reference)
    {
        if (_images.TryGetValue(reference.ToString(), out var image))
        {
            return image;
        }

        foreach (var other in _images.Values)
        {
            if (other.Content.Digest == reference.Digest)
            {
                return other;
            }
        }

        throw new RegistryException($"cannot pull '{reference.Familiar}': the registry has no such image") { IsAbsence = true };
    }
}
