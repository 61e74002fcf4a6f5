using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Fakes;

/// <summary>Images in memory; a test can take the place of a blob's stream.</summary>
internal sealed class FakeImageSource : IImageSource
{
    private readonly Dictionary<string, TestImage> _images = new(StringComparer.Ordinal);
    private int _opened;

    /// <summary>Makes the stream of a blob instead; null results mean: the usual one.</summary>
    public Func<Descriptor, long, CancellationToken, Stream?>? OnOpen { get; set; }

    /// <summary>What is said of a name instead of what is there; null results mean: that.</summary>
    public Func<ImageReference, ImageContent?>? OnResolve { get; set; }

    /// <summary>Hears of a blob whose bytes were wrong, and says whether there is another place.</summary>
    public Func<Descriptor, bool>? OnReportCorruption { get; set; }

    /// <summary>How often a blob was asked for.</summary>
    public int Opened => _opened;

    public void Add(string name, TestImage image) => _images[ImageReference.Parse(name).ToString()] = image;

    public Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(OnResolve?.Invoke(reference) ?? Find(reference).Content);
    }

    public Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _opened);
        return Task.FromResult(OnOpen?.Invoke(blob, offset, cancellationToken) ?? Open(reference, blob, offset));
    }

    public bool ReportCorruption(ImageReference reference, Descriptor blob) => OnReportCorruption?.Invoke(blob) == true;

    private MemoryStream Open(ImageReference reference, Descriptor blob, long offset) => Find(reference).Blobs.TryGetValue(blob.Digest, out var bytes)
        ? new MemoryStream(bytes, (int)offset, bytes.Length - (int)offset, writable: false)
        : throw new RegistryException($"cannot fetch {blob.Digest}: no such blob");

    private TestImage Find(ImageReference reference) =>
        _images.TryGetValue(reference.ToString(), out var image)
        || (reference.Digest is { } digest && (image = _images.Values.FirstOrDefault(one => one.Content.Digest == digest)) is not null)
            ? image : throw new RegistryException($"cannot pull '{reference.Familiar}': no such image");
}
