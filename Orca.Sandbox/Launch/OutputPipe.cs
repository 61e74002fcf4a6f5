using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>This program's end of the pipe that a container writes to. Waiting takes no thread.</summary>
internal sealed class OutputPipe : Stream
{
    private readonly Fd _end;
    private readonly EventSource _source;
    private bool _hasEnded;

    /// <summary>Takes the reading end over.</summary>
    internal OutputPipe(Fd end)
    {
        FileSystem.SetNonBlocking(end); // of this end alone: the container's is another open file
        (_end, _source) = (end, EventLoop.Shared.Watch(end.Number));
    }

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

    /// <summary>Every process of the container has ended: the stream ends after what the pipe holds, even where another process has a copy of the other end.</summary>
    internal void End()
    {
        Volatile.Write(ref _hasEnded, true);
        _source.End();
    }

    /// <inheritdoc/>
    /// <remarks>A read into an empty buffer waits until there is something to read, or the end: no buffer is held meanwhile.</remarks>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await _source.WaitAsync(cancellationToken).ConfigureAwait(false); // read(2) of 0 bytes from a pipe does not wait
            return 0;
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead(buffer.Span, out var count))
            {
                return count;
            }

            await _source.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count;
        while (!TryRead(buffer, out count))
        {
            _source.WaitAsync().GetAwaiter().GetResult();
        }

        return count;
    }

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
            _source.Dispose();
            _end.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>False when there is nothing yet.</summary>
    private bool TryRead(Span<byte> buffer, out int count)
    {
        var hasEnded = Volatile.Read(ref _hasEnded); // before the read: what is written between the two is still read
        var error = FileSystem.TryRead(_end, buffer, out count);
        if (error == Errno.EAGAIN && hasEnded)
        {
            count = 0;
            return true;
        }

        return error switch
        {
            Errno.None => true,
            Errno.EAGAIN => false,
            _ => throw new IOException($"cannot read the container's output: {error.Describe()}"),
        };
    }
}
