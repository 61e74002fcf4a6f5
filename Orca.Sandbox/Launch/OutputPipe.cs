using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>This program's end of the pipe that a container writes to. Waiting takes no thread.</summary>
internal sealed class OutputPipe(Fd end) : PipeEnd(end, forWriting: false)
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    /// <remarks>A read into an empty buffer waits until there is something to read, or the end: no buffer is held meanwhile.</remarks>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Source.WaitAsync(cancellationToken).ConfigureAwait(false); // read(2) of 0 bytes from a pipe does not wait
            return 0;
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead(buffer.Span, out var count))
            {
                return count;
            }

            await Source.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count;
        while (!TryRead(buffer, out count))
        {
            Source.WaitAsync().GetAwaiter().GetResult();
        }

        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>False when there is nothing yet.</summary>
    private bool TryRead(Span<byte> buffer, out int count)
    {
        var hasEnded = HasEnded; // before the read: what is written between the two is still read
        var error = FileSystem.TryRead(File, buffer, out count);
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
