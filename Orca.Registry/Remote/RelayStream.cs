namespace Orca.Registry.Remote;

/// <summary>A blob's bytes from one place after the other: where a mirror gives up in the middle, the next place goes on from the byte that is missing.</summary>
/// <remarks>Nothing here knows whether the places have the same bytes: as everywhere, the reader compares the digest of the whole.</remarks>
/// <param name="first">The place that answered first.</param>
/// <param name="next">Opens the next place at an offset; null where there is none, and the error is the reader's.</param>
internal sealed class RelayStream(BlobStream first, RelayStream.OpenNext next) : Stream
{
    private BlobStream _current = first;

    /// <summary>Opens the next place.</summary>
    /// <param name="offset">Where its bytes are to begin.</param>
    /// <param name="cause">Why the place before it is done with.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    internal delegate Task<BlobStream?> OpenNext(long offset, Exception cause, CancellationToken cancellationToken);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _current.Length;

    public override long Position { get => _current.Position; set => throw new NotSupportedException(); }

    /// <exception cref="Core.Errors.RegistryException">No place gives more bytes; the error is the last one's.</exception>
    /// <exception cref="Core.Errors.ContentException">The last place's blob has another size.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return await _current.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is Core.Errors.RegistryException or Core.Errors.ContentException && !cancellationToken.IsCancellationRequested)
            {
                if (await next(_current.Position, e, cancellationToken).ConfigureAwait(false) is not { } stream)
                {
                    throw;
                }

                await _current.DisposeAsync().ConfigureAwait(false);
                _current = stream;
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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
            _current.Dispose();
        }

        base.Dispose(disposing);
    }
}
