using Orca.Core.Errors;
using Orca.Core.Images;

namespace Orca.Registry.Remote;

/// <summary>A blob's bytes from an offset to its end, over as many connections as that takes.</summary>
/// <remarks>
/// A connection that breaks, ends early, falls silent or brings next to nothing is replaced by one that starts where it stopped. A server that sends the
/// whole blob instead is read up to that place. What a server says about the size must agree with the descriptor.
/// </remarks>
internal sealed class BlobStream : Stream
{
    private readonly BlobSource _source;
    private readonly IdleTimer _idle;
    private readonly RetryBudget _budget;
    private readonly MinimumThroughput _pace;
    private readonly long _size;
    private Stream? _body;
    private long _position;

    private BlobStream(BlobSource source, RetryBudget budget, TimeProvider time, long size, long offset) =>
        (_source, _budget, _idle, _pace, _size, _position) = (source, budget, new IdleTimer(time), new MinimumThroughput(time), size, offset);

    /// <summary>Opens the blob, so that a missing one is known before the first read.</summary>
    internal static async Task<BlobStream> OpenAsync(RegistrySession session, Descriptor blob, long offset, string failure, TimeProvider time, CancellationToken cancellationToken)
    {
        var budget = session.NewBudget();
        var stream = new BlobStream(new BlobSource(session, blob, failure, budget), budget, time, blob.Size, offset);
        try
        {
            if (offset < blob.Size)
            {
                await stream.ReopenAsync(cancellationToken).ConfigureAwait(false);
            }

            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    /// <summary>The blob's size.</summary>
    public override long Length => _size;

    /// <summary>The place in the blob.</summary>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <exception cref="RegistryException">No more bytes come, however often they are asked for.</exception>
    /// <exception cref="ContentException">The server's blob has another size.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer = buffer[..(int)Math.Min(buffer.Length, _size - _position)];
        _pace.Begin();
        while (!buffer.IsEmpty)
        {
            try
            {
                if (_body is null)
                {
                    await ReopenAsync(cancellationToken).ConfigureAwait(false);
                }

                var read = await ReadBodyAsync(buffer, cancellationToken).ConfigureAwait(false);
                _position += read;
                _budget.Progress();
                return read;
            }
            catch (TransferException e)
            {
                CloseBody();
                await _source.WaitAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For readers that inflate on a thread of their own.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CloseBody();
            _idle.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task ReopenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _pace.Hold();
                var (content, skip) = await _source.OpenAsync(_position, cancellationToken).ConfigureAwait(false);
                _pace.Begin();
                _body = await _idle.RunAsync(static async (from, token) => await from.ReadAsStreamAsync(token).ConfigureAwait(false), content, cancellationToken).ConfigureAwait(false);
                await SkipAsync(skip, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TransferException e)
            {
                _pace.Begin();
                CloseBody();
                await _source.WaitAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        var scratch = count > 0 ? new byte[Math.Min(count, 64 * 1024)] : [];
        while (count > 0)
        {
            count -= await ReadBodyAsync(scratch.AsMemory(0, (int)Math.Min(count, scratch.Length)), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<int> ReadBodyAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await _idle.RunAsync(static (state, token) => state._body!.ReadAsync(state.buffer, token), (_body, buffer), cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            throw new TransferException(TransferFault.Broken, $"the body ends before byte {_size} of the blob");
        }

        _pace.Require(read);
        return read;
    }

    private void CloseBody()
    {
        _body?.Dispose();
        _body = null;
        _source.Dispose();
    }
}
