using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Orca;

/// <summary>Carries what a container writes to where it shall go, and what it reads from where that comes.</summary>
internal static class OutputPump
{
    private const int Piece = 1 << 16; // what a pipe holds

    /// <summary>The sink of an output that is copied.</summary>
    internal static OutputSink SinkOf(ContainerOutput output)
    {
        if (output.Stream is { } stream)
        {
            return new StreamSink(stream);
        }

        var take = output.Line ?? (line => Log(output.Logger!, output.Level, line));
        return new LineSink((line, _) =>
        {
            take(line);
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Copies to the end. While there is nothing to copy it holds no buffer: a thousand containers may be silent for days.</summary>
    internal static async Task CopyAsync(Stream from, OutputSink to, CancellationToken cancellationToken)
    {
        int count;
        do
        {
            await from.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            var buffer = ArrayPool<byte>.Shared.Rent(Piece);
            try
            {
                count = await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count > 0)
                {
                    await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        while (count > 0);
        await to.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes all of an input to the container and ends its input. A container that does not read to the end is no error.</summary>
    /// <remarks>After an exception the input is left open: the container must not take one that broke off for a whole one before it is killed.</remarks>
    internal static async Task FeedAsync(ContainerInput input, Stream to, CancellationToken cancellationToken)
    {
        if (input.Bytes is { } bytes)
        {
            await TryWriteAsync(to, bytes, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var buffer = new byte[Piece];
            int count;
            do
            {
                count = await input.Stream!.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            while (count > 0 && await TryWriteAsync(to, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false));
        }

        await to.DisposeAsync().ConfigureAwait(false);
    }

    private static void Log(ILogger logger, LogLevel level, string line)
    {
        if (logger.IsEnabled(level))
        {
            logger.Log(level, "{Line}", line);
        }
    }

    private static async Task<bool> TryWriteAsync(Stream to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await to.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            return false; // EPIPE: nobody in the container has its input open any more
        }
    }
}
