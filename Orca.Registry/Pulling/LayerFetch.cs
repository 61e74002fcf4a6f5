using System.Buffers;
using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Pulling;

/// <summary>One layer on its way from the source into its part.</summary>
/// <remarks>
/// The part is held only while bytes come in, never while waiting for anything else than the network: two pulls that share layers in
/// different order would wait for each other for ever.
/// </remarks>
internal sealed class LayerFetch(IImageSource source, IPartStore parts, ImageReference reference, Descriptor layer, int index, PullReport report) : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly FetchState _state = new();
    private readonly TaskCompletionSource<Stream> _reader = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is fetched.</summary>
    internal Descriptor Layer => layer;

    /// <summary>True when the part had bytes before this fetch: an earlier run's, which a crash may have spoilt.</summary>
    internal bool IsResumed { get; private set; }

    /// <summary>True when every byte is in the part.</summary>
    internal bool IsComplete => _state.IsComplete;

    /// <summary>Fetches what is missing. The part keeps what came, whatever happens.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var part = parts.Open(layer, cancellationToken);
            IsResumed = part.Length > 0;
            _reader.SetResult(part.OpenRead());
            _state.Advance(part.Length);
            report.Fetching(index, part.Length);
            if (part.Length < layer.Size)
            {
                await FetchAsync(part, cancellationToken).ConfigureAwait(false);
            }

            report.Fetched(index);
            _state.Complete();
        }
        catch (Exception e)
        {
            _reader.TrySetException(e);
            _state.Fail(e);
            throw;
        }
    }

    /// <summary>The layer's bytes from the first one, as they come.</summary>
    internal Stream OpenStream(Action<long> passed, CancellationToken cancellationToken)
    {
        _reader.Task.Wait(cancellationToken);
        var part = _reader.Task.GetAwaiter().GetResult();
        part.Position = 0;
        return new FetchedStream(part, _state, passed, cancellationToken);
    }

    /// <summary>True when a second fetch from the first byte could end better than this one: the bytes are not the promised ones, or some were there before.</summary>
    internal bool IsSpoilt(CancellationToken cancellationToken)
    {
        if (!_state.IsComplete)
        {
            return IsResumed;
        }

        var part = _reader.Task.GetAwaiter().GetResult();
        part.Position = 0;
        using var hash = IncrementalHash.CreateHash(layer.Digest.HashAlgorithm);
        var buffer = new byte[BufferSize];
        while (part.Read(buffer) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
        }

        return layer.Digest != Digest.OfHash(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        if (_reader.Task.IsCompletedSuccessfully)
        {
            _reader.Task.Result.Dispose();
        }
    }

    private async Task FetchAsync(IBlobPart part, CancellationToken cancellationToken)
    {
        var stream = await source.OpenBlobAsync(reference, layer, part.Length, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                while (part.Length < layer.Size)
                {
                    var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                    if (count == 0)
                    {
                        throw new ContentException($"cannot fetch layer {layer.Digest}: truncated after {part.Length} of {layer.Size} bytes");
                    }

                    part.Append(buffer.AsSpan(0, (int)Math.Min(count, layer.Size - part.Length)));
                    _state.Advance(part.Length);
                    report.Fetching(index, part.Length);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
