using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>This program's end of the pipe that a container reads. Disposing it is the end of the container's input.</summary>
internal sealed class InputPipe : Stream
{
    private readonly Fd _end;
    private readonly EventSource _source;
    private bool _hasEnded;

    /// <summary>Takes the writing end over.</summary>
    internal InputPipe(Fd end)
    {
        FileSystem.SetNonBlocking(end);
        (_end, _source) = (end, EventLoop.Shared.Watch(end.Number, forWriting: true));
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Every process of the container has ended: writing fails from now on.</summary>
    internal void End()
    {
        Volatile.Write(ref _hasEnded, true);
        _source.End();
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The container does not read its input any more.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Write(buffer.Span, out var count))
            {
                buffer = buffer[count..];
                continue;
            }

            await _source.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (Write(buffer, out var count))
            {
                buffer = buffer[count..];
                continue;
            }

            _source.WaitAsync().GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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

    /// <summary>False when the pipe is full.</summary>
    private bool Write(ReadOnlySpan<byte> bytes, out int count)
    {
        if (Volatile.Read(ref _hasEnded))
        {
            throw new IOException("cannot write to the container's standard input: the container has ended");
        }

        var error = FileSystem.TryWrite(_end, bytes, out count);
        return error switch
        {
            Errno.None => true,
            Errno.EAGAIN => false,
            _ => throw new IOException($"cannot write to the container's standard input: {error.Describe()}"),
        };
    }
}
