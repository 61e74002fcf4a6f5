namespace Orca;

/// <summary>A container's output, part of which was read ahead: that comes first, then the rest.</summary>
internal sealed class ReplayStream(Stream pipe) : Stream
{
    private const int Piece = 1 << 16, Most = 16 << 20;
    private readonly LinkedList<ReadOnlyMemory<byte>> _ahead = new();
    private int _length;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads ahead until it is cancelled or the output ends. No more than 16 MiB: then the container waits, as beside any program that does not read.</summary>
    /// <remarks>Nobody else reads until the task that is returned has ended, which it does without an exception.</remarks>
    internal async Task FollowAsync(LineSink lines, CancellationToken cancellationToken)
    {
        var buffer = new byte[Piece];
        try
        {
            while (_length < Most)
            {
                var count = await pipe.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    await lines.FinishAsync(CancellationToken.None).ConfigureAwait(false);
                    return;
                }

                _ahead.AddLast(buffer.AsMemory(0, count).ToArray());
                _length += count;
                await lines.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Whoever reads next sees it.
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _ahead.Count > 0 ? ValueTask.FromResult(Take(buffer.Span)) : pipe.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _ahead.Count > 0 ? Take(buffer) : pipe.Read(buffer);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pipe.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        var first = _ahead.First!;
        var count = Math.Min(first.Value.Length, buffer.Length);
        first.Value.Span[..count].CopyTo(buffer);
        if (count == first.Value.Length)
        {
            _ahead.RemoveFirst();
        }
        else
        {
            first.Value = first.Value[count..];
        }

        return count;
    }
}
