using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Hello;

/// <summary>A source that takes the time of its answers.</summary>
internal sealed class TimedImageSource(IImageSource source, TimeProvider time) : IImageSource
{
    /// <summary>How long manifest and config took.</summary>
    public TimeSpan Resolving { get; private set; }

    /// <inheritdoc/>
    public async Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var content = await source.ResolveAsync(reference, platform, cancellationToken).ConfigureAwait(false);
        Resolving = time.GetElapsedTime(started);
        return content;
    }

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken) =>
        source.OpenBlobAsync(reference, blob, offset, cancellationToken);

    /// <inheritdoc/>
    public bool ReportCorruption(ImageReference reference, Descriptor blob) => source.ReportCorruption(reference, blob);
}

/// <summary>Notes when the last layer's bytes had come.</summary>
internal sealed class FetchTimer(TimeProvider time) : IProgress<PullProgress>
{
    /// <summary>The moment; null when no layer was fetched.</summary>
    public long? Fetched { get; private set; }

    /// <summary>How many layers there are.</summary>
    public int Layers { get; private set; }

    /// <summary>The layer's compressed bytes.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public void Report(PullProgress value)
    {
        (Layers, Bytes) = (value.Count, value.Total);
        if (value.Stage > PullStage.Fetching || value.Bytes == value.Total)
        {
            Fetched ??= time.GetTimestamp();
        }
    }
}
