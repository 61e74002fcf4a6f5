using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>This program's end of the pipe that a container reads. Disposing it is the end of the container's input.</summary>
internal sealed class InputPipe(Fd end) : PipeEnd(end, forWriting: true)
{
    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

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

            await Source.WaitAsync(cancellationToken).ConfigureAwait(false);
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

            Source.WaitAsync().GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>False when the pipe is full.</summary>
    private bool Write(ReadOnlySpan<byte> bytes, out int count)
    {
        if (HasEnded)
        {
            throw new IOException("cannot write to the container's standard input: the container has ended");
        }

        var error = FileSystem.TryWrite(File, bytes, out count);
        return error switch
        {
            Errno.None => true,
            Errno.EAGAIN => false,
            _ => throw new IOException($"cannot write to the container's standard input: {error.Describe()}"),
        };
    }
}
